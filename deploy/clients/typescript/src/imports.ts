import { ImportsCalls } from "./generated/resources.js";
import type { Import, Imported, Row } from "./generated/schema.js";
import { sleep } from "./retrying.js";
import type { CallOptions } from "./transport.js";

/** How far an import is, and what became of its rows. */
export interface ImportOutcome {
  /** Null: it was done at once. */
  importId: string | null;
  /** `stopped`: it could not go on. */
  status: Import["status"];
  /** Why it was cancelled or stopped. */
  reason: string | null;
  total: number;
  done: number;
  valid: number;
  invalid: number;
  /** What of the file was not read. */
  warnings: string[];
  /** One of each row; empty while it is `processing`. */
  results: Row[];
}

export interface WaitingForImport extends Omit<CallOptions, "idempotencyKey" | "timeoutMs"> {
  /** How long to wait: 30 minutes. What is not over then is `processing`, and goes on. */
  timeoutMs?: number;
  /** Called with how far it is. */
  onProgress?: (outcome: ImportOutcome) => void;
}

const TIMEOUT_MS = 1_800_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** The most results that the server answers at once. */
const PAGE = 500;

/** Imports that the server's workers do. */
export class Imports extends ImportsCalls {
  /** Wait until an import has ended; its outcome has the result of each row. */
  async wait(importId: string, waiting: WaitingForImport = {}): Promise<ImportOutcome> {
    const { timeoutMs = TIMEOUT_MS, onProgress, ...options } = waiting;
    const until = Date.now() + timeoutMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
      const outcome = under(await this.get(importId, { limit: 1 }, options));
      onProgress?.(outcome);
      if (outcome.status !== "processing")
        return { ...outcome, results: await this.everyResult(importId, options) };
      if (Date.now() >= until) return outcome;
      await sleep(Math.max(0, Math.min(pause, until - Date.now())), options.signal);
    }
  }

  private async everyResult(importId: string, options: CallOptions): Promise<Row[]> {
    const rows: Row[] = [];
    for (;;) {
      const page = await this.get(importId, { limit: PAGE, offset: rows.length }, options);
      rows.push(...page.results);
      if (!page.results.length || !page.pagination.has_more) return rows;
    }
  }
}

export function atOnce(found: Imported): ImportOutcome {
  return { ...found, importId: null, status: "completed", reason: null, done: found.total };
}

function under(found: Import): ImportOutcome {
  const { import_id: importId, status, reason, total, done, valid, invalid, warnings } = found;
  return { importId, status, reason, total, done, valid, invalid, warnings, results: [] };
}
