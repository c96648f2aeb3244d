/**
 * SoakModel: the value that each key of a soak must hold. Each key has one writer. Its versions count up
 * from 0, which means never written; every fifth version is a delete. A read must return a version
 * between the last acknowledged and the last attempted one. The model is saved between lives, so that
 * a soak can resume after it was killed. Attempts since the last save are then unknown, so every later
 * version is accepted.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const DELETE_EVERY = 5;
/** Exceeds every possible version number. */
const ANY_LATER = 0xffff_ffff;

export class SoakModel {
  readonly #acknowledged: Uint32Array;
  readonly #attempted: Uint32Array;

  constructor(keys: number) {
    this.#acknowledged = new Uint32Array(keys);
    this.#attempted = new Uint32Array(keys);
  }

  /** Continues from `path` if it exists. Throws Error if it was saved for other keys. */
  static load(path: string, keys: number): SoakModel {
    const model = new SoakModel(keys);
    if (!existsSync(path)) return model;
    const bytes = readFileSync(path);
    if (bytes.length !== 4 * keys) throw new Error(`${path} is not of ${keys} keys`);
    new Uint8Array(model.#acknowledged.buffer).set(bytes);
    model.#attempted.fill(ANY_LATER);
    return model;
  }

  save(path: string): void {
    writeFileSync(`${path}.next`, new Uint8Array(this.#acknowledged.buffer));
    renameSync(`${path}.next`, path);
  }

  get keys(): number {
    return this.#acknowledged.length;
  }

  keyOf(key: number): string {
    return `soak ${String(key).padStart(9, '0')}`;
  }

  numberOf(name: string): number {
    return Number(name.slice(5));
  }

  acknowledgedOf(key: number): number {
    return this.#acknowledged[key]!;
  }

  /** The next version of a key and its value; `undefined` means a delete. */
  attempt(key: number): { version: number; value: string | undefined } {
    const version = this.#acknowledged[key]! + 1;
    this.#attempted[key] = Math.max(version, this.#attempted[key]!);
    return { version, value: textOf(key, version) };
  }

  acknowledge(key: number, version: number): void {
    this.#acknowledged[key] = version;
    this.#attempted[key] = version;
  }

  /** The write definitely did not happen. Requires: no other write of the key is in flight. */
  withdraw(key: number): void {
    this.#attempted[key] = this.#acknowledged[key]!;
  }

  /**
   * Describes the violation of a value that was read, or undefined. `since`: the key's acknowledged
   * version when the read began.
   */
  wrong(key: number, value: string | undefined, since: number): string | undefined {
    const last = this.#attempted[key]!;
    if (value === undefined) {
      const nextDelete = Math.ceil((since + 1) / DELETE_EVERY) * DELETE_EVERY - 1;
      if (since === 0 || nextDelete <= last) return undefined;
      return `${this.keyOf(key)} is missing; version ${since} was acknowledged`;
    }
    const version = versionOf(value);
    if (value !== textOf(key, version)) {
      return `${this.keyOf(key)} holds ${JSON.stringify(value.slice(0, 60))}, a value that was never written`;
    }
    if (version < since) {
      return `${this.keyOf(key)} holds version ${version}; version ${since} was acknowledged`;
    }
    return version <= last
      ? undefined
      : `${this.keyOf(key)} holds version ${version}; the last that was written is ${last}`;
  }

  /** Takes the value found after a restart, before clients write again, as the key's current version. */
  settle(key: number, value: string | undefined): void {
    const acknowledged = this.#acknowledged[key]!;
    if (value !== undefined) {
      this.acknowledge(key, versionOf(value));
      return;
    }
    const isDeleted = acknowledged % DELETE_EVERY === DELETE_EVERY - 1;
    const nextDelete = Math.ceil((acknowledged + 1) / DELETE_EVERY) * DELETE_EVERY - 1;
    if (acknowledged === 0 && this.#attempted[key]! < nextDelete) this.acknowledge(key, 0);
    else this.acknowledge(key, isDeleted ? acknowledged : nextDelete);
  }
}

/** `key:version:` and filler, so that values have several sizes. */
function textOf(key: number, version: number): string | undefined {
  if (version % DELETE_EVERY === DELETE_EVERY - 1) return undefined;
  return `${key}:${version}:`.padEnd(20 + ((key * 7 + version * 13) % 200), '.');
}

function versionOf(value: string): number {
  return Number(value.split(':', 2)[1]);
}
