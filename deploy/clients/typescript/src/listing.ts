import type { Answer, Whole } from "./answer.js";
import type { Data, OperationId } from "./types.js";

interface Page {
  limit?: number;
  offset?: number;
}

/**
 * A list of the API. Awaited it is the `data` of one page, as any other answer is; a `for await`
 * goes through the items of all pages. A list without pages has no `most`.
 */
export class Listing<O extends OperationId, Item> implements PromiseLike<Data<O>>, AsyncIterable<Item> {
  constructor(
    private readonly page: (query: object) => Answer<O>,
    private readonly query: Page,
    private readonly items: string,
    private readonly most?: number,
  ) {}

  // biome-ignore lint: it is awaited on purpose.
  then<A = Data<O>, B = never>(
    fulfilled?: ((data: Data<O>) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.page(this.query).then(fulfilled, rejected);
  }

  /** One page with its `meta`. */
  withMeta(): Promise<Whole<O>> {
    return this.page(this.query).withMeta();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    if (this.most === undefined) {
      yield* this.itemsOf(await this.page(this.query));
      return;
    }
    const limit = this.query.limit ?? this.most;
    let seen = new Set<unknown>();
    for (let offset = this.query.offset ?? 0; ; offset += limit) {
      const { data, meta } = await this.page({ ...this.query, limit, offset }).withMeta();
      const found = this.itemsOf(data);
      // What was added meanwhile has moved some from the last page to this one.
      yield* found.filter((item) => !seen.has(idOf(item)));
      if (!(hasMore(meta) ?? hasMore(data) ?? found.length === limit)) return;
      seen = new Set(found.map(idOf));
    }
  }

  /** The items of all pages, or the first `atMost`. */
  async toArray(atMost = Number.POSITIVE_INFINITY): Promise<Item[]> {
    const found: Item[] = [];
    if (atMost <= 0) return found;
    for await (const item of this) if (found.push(item) >= atMost) break;
    return found;
  }

  private itemsOf(data: Data<O>): Item[] {
    return (this.items ? (data as Record<string, unknown>)[this.items] : data) as Item[];
  }
}

function idOf(item: unknown): unknown {
  return (item as { id?: unknown }).id ?? item;
}

function hasMore(holder: unknown): boolean | undefined {
  return (holder as { pagination?: { has_more?: boolean } } | undefined)?.pagination?.has_more;
}
