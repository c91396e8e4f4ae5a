import type { Transport } from "./transport.js";

/** The calls of one part of the API. */
export class Resource {
  constructor(protected readonly transport: Transport) {}
}
