// Files for spreadsheets: semicolons, decimal commas, a byte order mark, and no cell that a
// spreadsheet would take for a formula.

const bom = '\ufeff';

/** Centavos as a spreadsheet in pt-BR reads a number: "1234,56". */
export function csvAmount(cents: number | undefined): string {
  if (cents === undefined) return '';
  const [whole, rest] = [Math.floor(Math.abs(cents) / 100), Math.abs(cents) % 100];
  return `${cents < 0 ? '-' : ''}${whole},${String(rest).padStart(2, '0')}`;
}

/** A cell of the file: text that would be a formula gets an apostrophe in front; our own numbers stay numbers. */
export function csvCell(text: string): string {
  const inert = /^\s*[=+\-@\t\r]/.test(text) && !/^-?\d+,\d\d$/.test(text) ? `'${text}` : text;
  return /[";\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

/** A whole file of rows, the names of the columns first. */
export const csv = (rows: string[][]): string =>
  bom + rows.map((row) => row.map(csvCell).join(';')).join('\r\n') + '\r\n';
