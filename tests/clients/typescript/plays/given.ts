import { ApiError } from "dovecote-client";

// What the test gives a play, and how the play answers.
export const given = JSON.parse(process.env.GIVEN ?? "{}");

export function say(told: unknown): void {
  console.log(JSON.stringify(told));
}

/** The name, the code and the message of what is thrown. */
export async function thrown(promise: PromiseLike<unknown>): Promise<Record<string, unknown>> {
  try {
    return { answered: await promise };
  } catch (error) {
    const { name, message, ...more } = error as Error & Record<string, unknown>;
    return { ...more, name, message, ...(error instanceof ApiError && { actor: error.actor }) };
  }
}
