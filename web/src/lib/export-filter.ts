/** What a list is asked for that is no filter of its rows. */
const noFilter = new Set(['limit', 'cursor', 'include', 'sort', 'fields']);

/** The filter of a file of the rows that a list's query leaves: its parameters as they stand in an address. */
export function exportFilter(query: object): Record<string, string> {
  const given = Object.entries(query).filter(([name, value]) => !noFilter.has(name) && value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)]),
  );
}
