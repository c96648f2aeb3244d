/**
 * Fetch for idempotent calls. A kept-alive connection can be reset just when it is reused; then the
 * call is repeated once on a new connection. A refused connection is not retried.
 */
export async function patientFetch(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    if (cause?.code !== 'ECONNRESET') throw error;
    return fetch(url, init);
  }
}
