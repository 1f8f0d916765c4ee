import { Link } from '@tanstack/react-router';

import { count, money } from '../../lib/format';

interface Part {
  id: string;
  name: string;
  count: number;
  cents: number;
}

interface Props {
  name: string;
  title: string;
  parts: Part[];
  chosen?: string;
  link: (id: string) => { to: '/app/faturas'; search: { status: string } };
}

const colours: Record<string, number> = {
  pending: 2,
  overdue: 4,
  confirmed: 3,
  received: 1,
  received_in_cash: 1,
  refunded: 5,
  disputed: 4,
};
const hatched = new Set(['received_in_cash', 'disputed', 'refunding']);

/** Returns the background of a part. Of two parts that share a colour, one is hatched. */
function patternOf(id: string): string {
  const colour = `var(--pp-chart-${colours[id] ?? 5})`;
  return hatched.has(id) ? `repeating-linear-gradient(45deg, ${colour} 0 3px, var(--pp-surface) 3px 6px)` : colour;
}

/**
 * One bar that is split by state, each part as wide as its amount. The legend carries names, amounts and numbers, so
 * that colour says nothing alone.
 */
export function ShareBar({ name, title, parts, chosen, link }: Props) {
  const present = parts.filter((p) => p.count > 0);
  const total = Math.max(
    1,
    present.reduce((sum, p) => sum + p.cents, 0),
  );
  return (
    <figure className="card stack" style={{ margin: '0 0 16px', gap: 12 }} data-testid={`chart-${name}`}>
      <figcaption>
        <strong>{title}</strong>
        <span className="sr">: {present.map((p) => `${p.name} ${money(p.cents)}, ${p.count}`).join('; ')}.</span>
      </figcaption>
      <div aria-hidden style={{ display: 'flex', gap: 2, height: 14, borderRadius: 6, overflow: 'hidden' }}>
        {present.map((p) => (
          <span key={p.id} style={{ flexGrow: p.cents / total, minWidth: 4, background: patternOf(p.id) }} />
        ))}
      </div>
      <div className="row small">
        {present.map((p) => (
          <Link
            key={p.id}
            {...link(p.id)}
            data-testid={`share-${p.id}`}
            aria-current={chosen === p.id ? 'true' : undefined}
            className="row"
            style={{ gap: 6, color: 'inherit', minHeight: 24, fontWeight: chosen === p.id ? 600 : undefined }}
          >
            <span aria-hidden style={{ width: 10, height: 10, borderRadius: 3, background: patternOf(p.id) }} />
            {p.name} {money(p.cents)} ({count(p.count)})
          </Link>
        ))}
      </div>
    </figure>
  );
}
