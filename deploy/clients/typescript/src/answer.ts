import type { Data, Meta, OperationId } from "./types.js";

/** Everything of an answer. */
export interface Whole<O extends OperationId> {
  data: Data<O>;
  meta: Meta<O>;
  status: number;
  headers: Headers;
}

/** A promise of an answer's `data`. */
export interface Answer<O extends OperationId> extends Promise<Data<O>> {
  /** The answer with its `meta`, status and headers. */
  withMeta(): Promise<Whole<O>>;
}

export function answer<O extends OperationId>(whole: Promise<Whole<O>>): Answer<O> {
  const data = whole.then((found) => found.data);
  return Object.assign(data, {
    withMeta: () => {
      // Who awaits the whole has its error too.
      data.catch(() => {});
      return whole;
    },
  });
}
