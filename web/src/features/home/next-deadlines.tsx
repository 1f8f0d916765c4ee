import { Link } from '@tanstack/react-router';

import { amount } from '../../lib/format';
import { ActionOf, Due, titleOf, type Deadline } from '../../ui/deadline-parts';

/** The first lines of the agenda, on the first page; nothing where nothing is due. */
export function NextDeadlines({ entries }: { entries: Deadline[] }) {
  if (entries.length === 0) return null;
  return (
    <section className="card stack tight" data-testid="next-deadlines">
      <h2>Ninguém perde prazo</h2>
      <ul className="plain stack tight">
        {entries.map((d) => (
          <li key={d.id} className="row apart condition">
            <span>
              <Due entry={d} /> <strong>{titleOf(d)}</strong>
              {d.amount && <>: {amount(d.amount)}</>}
            </span>
            <ActionOf entry={d} />
          </li>
        ))}
      </ul>
      <Link to="/app/agenda">Ver a agenda</Link>
    </section>
  );
}
