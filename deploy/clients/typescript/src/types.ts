/** What each operation of the OpenAPI document takes and gives, by its `operationId`. */
import type { operations } from "./generated/schema.js";

export type OperationId = keyof operations;

type Content<T> = T extends { content: infer C }
  ? C extends { "application/json": infer J }
    ? J
    : string
  : never;
/** A form where forms are taken; a Blob, with its type, where other types are. */
type Forms<C> =
  | (C extends { "application/json": infer J } ? J : never)
  | (C extends { "multipart/form-data": unknown } ? FormData : never)
  | (Exclude<keyof C, "application/json" | "multipart/form-data"> extends never ? never : Blob);
type Requested<O extends OperationId> = NonNullable<
  operations[O] extends { requestBody?: infer R } ? R : never
>;
type Responses<O extends OperationId> = operations[O]["responses"];
type Succeeded<O extends OperationId> = Responses<O>[keyof Responses<O> & (200 | 201 | 202 | 207)];

/** The body of a call. */
export type Body<O extends OperationId> = Requested<O> extends { content: infer C } ? Forms<C> : never;
/** The query of a call. */
export type Query<O extends OperationId> = NonNullable<operations[O]["parameters"]["query"]>;
/** A whole answer: `data` and `meta`; the text of what is not JSON. */
export type AnswerOf<O extends OperationId> = Content<Succeeded<O>>;
/** The `data` of an answer. */
export type Data<O extends OperationId> = AnswerOf<O> extends { data: infer D } ? D : AnswerOf<O>;
/** The `meta` of an answer. */
export type Meta<O extends OperationId> = AnswerOf<O> extends { meta: infer M } ? M : undefined;

/** Where an operation is, and what the client must know of it beside its types. */
export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** It takes an Idempotency-Key. */
  readonly keyed?: true;
  /** Of a list: the field of `data` with its items, or "" if `data` is the list. */
  readonly items?: string;
  /** Of a list with pages: the most items of one. */
  readonly most?: number;
}
