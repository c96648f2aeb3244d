/**
 * Cascade: removes a vertex with all its edges, page by page.
 *
 * A vertex of up to 1,000 edges goes in one transaction. A larger one loses a page of edges in each:
 * the graph is whole after every one of them, and readers see the vertex with the edges that are left
 * meanwhile. A page that does not fit a transaction is halved. What is added meanwhile goes too.
 *
 * Cost: linear in the edges. The next page begins behind the last, not at the first edge, because
 * what was removed there is still walked over. Others run between pages.
 */
import { assert, isStoreError, StoreError } from '../../errors.ts';
import type { OrderedStore, OrderedTransaction } from '../ordered-store.ts';
import { degreesIn, edgesOf, PAGE_EDGES, removeEdge, removeVertex } from './graph-changes.ts';
import type { EdgeId } from './graph-keys.ts';

/** Edges that are removed in one turn of the event loop, about 5 ms. */
const EDGES_A_TURN = 200;

interface Page {
  readonly direction: 'out' | 'in';
  readonly edges: number;
  /** The last edge that was removed in this direction. */
  readonly after: EdgeId | undefined;
}

/** Throws StoreError `vertex-missing`, and what a commit throws: indefinite once a page has gone. */
export async function removeCascading(store: OrderedStore, vertex: string): Promise<void> {
  let next: Page = { direction: 'out', edges: PAGE_EDGES, after: undefined };
  for (let pages = 0; ; ) {
    const page = next;
    try {
      const following = await store.transact((transaction) =>
        removePage(transaction, vertex, page),
      );
      if (following === undefined) return;
      next = following;
      pages++;
    } catch (error) {
      if (!isStoreError(error)) throw error;
      if (error.code === 'transaction-too-large' && page.edges > 1) {
        next = { ...page, edges: page.edges >> 1 };
      } else if (pages === 0 || !error.definite) throw error;
      else {
        const message = `some edges of vertex ${vertex} were removed, then: ${error.message}`;
        throw new StoreError(error.code, message, false, { cause: error });
      }
    }
  }
}

/** Removes a page of edges, and the vertex with its last edge. Answers the next page, if there is one. */
async function removePage(
  transaction: OrderedTransaction,
  vertex: string,
  page: Page,
): Promise<Page | undefined> {
  let { direction, after } = page;
  let left = page.edges;
  let isAgain = false;
  for (;;) {
    const { out, in: incoming } = await degreesIn(transaction, vertex);
    if (out + incoming === 0) {
      await removeVertex(transaction, vertex);
      return undefined;
    }
    if (left === 0) return { direction, edges: page.edges, after };
    const limit = Math.min(left, EDGES_A_TURN);
    const edges = await edgesOf(transaction, vertex, direction, {
      limit,
      ...(after !== undefined && { after }),
    });
    for (const edge of edges) await removeEdge(transaction, edge);
    left -= edges.length;
    after = edges.at(-1) ?? after;
    if (edges.length === limit) {
      await transaction.pause?.();
      continue;
    }
    // This direction is done. Once both are, edges may have come behind the walk.
    assert(!isAgain || edges.length > 0 || direction === 'out', 'degrees count edges that exist');
    isAgain ||= direction === 'in';
    direction = direction === 'out' ? 'in' : 'out';
    after = undefined;
  }
}
