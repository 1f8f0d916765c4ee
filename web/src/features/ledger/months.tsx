import { Link } from '@tanstack/react-router';

import { monthOf } from '../../lib/period';
import type { LedgerSearch } from '../../lib/search';

const names = 'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro'.split(' ');
const shown = 12;

/** The months up to the one of a day, the newest first. */
function monthsTo(today: string): { from: string; to: string; name: string; year: string }[] {
  const [year = 0, month = 0] = today.split('-').map(Number);
  return Array.from({ length: shown }, (_, back) => {
    const first = new Date(Date.UTC(year, month - 1 - back, 1));
    const name = names[first.getUTCMonth()]!;
    const other = first.getUTCFullYear() === year ? '' : `/${String(first.getUTCFullYear()).slice(2)}`;
    return {
      ...monthOf(first.toISOString()),
      name: name.slice(0, 3) + other,
      year: other ? '' : ` de ${year}`, // only read out
    };
  });
}

/** Whether the days of an address are one of those months, whose chip says so. */
export const isMonth = (today: string, search: LedgerSearch): boolean =>
  monthsTo(today).some((m) => m.from === search.de && m.to === search.ate);

const exactly = { exact: true, includeSearch: true, explicitUndefined: true }; // days that are not chosen count too

/** The last twelve months, each one click, and all days together. */
export function Months({ today, search }: { today: string; search: LedgerSearch }) {
  return (
    <nav className="row months noprint" aria-label="Período">
      <Link
        to="/app/extrato"
        search={{ ...search, de: undefined, ate: undefined }}
        className="chip"
        activeOptions={exactly}
      >
        Tudo
      </Link>
      {monthsTo(today).map((m) => (
        <Link
          key={m.from}
          to="/app/extrato"
          search={{ ...search, de: m.from, ate: m.to }}
          className="chip"
          activeOptions={exactly}
          data-testid={`month-${m.from.slice(0, 7)}`}
        >
          {m.name}
          {m.year && <span className="sr">{m.year}</span>}
        </Link>
      ))}
    </nav>
  );
}
