import { Link } from '@tanstack/react-router';

import { day, dayOf, money, plural } from '../../lib/format';
import type { Column } from '../../ui/table';
import type { Line } from './lines';

/** What put the line right, with why, folded until somebody asks. */
function Corrections({ of: line }: { of: Line }) {
  if (line.corrections.length === 0) return null;
  return (
    <details className="small" data-testid="corrections">
      <summary>{plural(line.corrections.length, 'correção', 'correções')}</summary>
      <ul className="plain">
        {line.corrections.map((c) => (
          <li key={c.id}>
            {dayOf(c.bookedAt)} · {c.words}: {money(c.cents)}. {c.reason}{' '}
            {c.event && (
              <Link to="/app/eventos/$id" params={{ id: c.event }}>
                Ver o evento
              </Link>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Who paid, or Asaas's id of what the line is about, as a link where there is a page of it. */
function Subject({ of: line }: { of: Line }) {
  if (line.subject === 'opening') return '—';
  const name = line.payer ?? <code>{line.subject}</code>;
  return (
    <div className="clip roomy">
      {line.invoice ? (
        <Link to="/app/faturas/$id" params={{ id: line.invoice }}>
          {name}
        </Link>
      ) : (
        name
      )}
    </div>
  );
}

/** The columns of the statement. */
export const columns: Column<Line>[] = [
  { name: 'Data', phone: 'note', cell: (l) => <time dateTime={l.day}>{day(l.day)}</time> },
  {
    name: 'Descrição',
    phone: 'state',
    cell: (l) => (
      <>
        {l.words}
        <Corrections of={l} />
      </>
    ),
  },
  { name: 'Cliente', phone: 'title', cell: (l) => <Subject of={l} /> },
  { name: 'Entrada', numeric: true, phone: 'amount', cell: (l) => (l.cents > 0 ? money(l.cents) : '') },
  {
    name: 'Saída',
    numeric: true,
    phone: 'amount',
    cell: (l) => (l.cents < 0 ? money(-l.cents) : ''),
  },
  { name: 'Saldo', numeric: true, cell: (l) => (l.balance === null ? '' : money(l.balance)) },
];
