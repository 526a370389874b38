/** What people are told about an error, whatever happened in detail. */
export interface CatalogueEntry {
  readonly what: string;
  readonly todo: string;
  readonly retryable: boolean;
}

export function entry(what: string, todo: string, retryable: boolean): CatalogueEntry {
  return { what, todo, retryable };
}
