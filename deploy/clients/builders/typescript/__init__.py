"""The TypeScript client: types from openapi-typescript, calls from `resources`, then tsc."""
