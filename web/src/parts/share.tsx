import { Link } from '@tanstack/react-router';

import { count } from '../words/format';

interface Part {
  id: string;
  name: string;
  count: number;
}

interface Props {
  name: string;
  title: string;
  parts: Part[];
  chosen?: string;
  link: (id: string) => { to: '/app/faturas'; search: { status: string } };
}

const colours: Record<string, number> = { pending: 2, overdue: 4, confirmed: 3, received: 1, received_in_cash: 1, refunded: 5, disputed: 4 };
const colourOf = (id: string) => `var(--pp-chart-${colours[id] ?? 5})`;

/** One bar split by state. Its legend carries names and numbers, so that colour says nothing alone. */
export function Share({ name, title, parts, chosen, link }: Props) {
  const there = parts.map((p) => ({ ...p, colour: colourOf(p.id) })).filter((p) => p.count > 0);
  const total = there.reduce((sum, p) => sum + p.count, 0);
  return (
    <figure className="card stack" style={{ margin: '0 0 16px', gap: 12 }} data-testid={`chart-${name}`}>
      <figcaption><strong>{title}</strong><span className="sr">: {there.map((p) => `${p.name} ${p.count}`).join(', ')}.</span></figcaption>
      <div aria-hidden style={{ display: 'flex', gap: 2, height: 14, borderRadius: 6, overflow: 'hidden' }}>
        {there.map((p) => <span key={p.id} style={{ flexGrow: p.count / total, minWidth: 4, background: p.colour }} />)}
      </div>
      <div className="row small">
        {there.map((p) => (
          <Link key={p.id} {...link(p.id)} aria-current={chosen === p.id ? 'true' : undefined} className="row" style={{ gap: 6, color: 'inherit', minHeight: 24, fontWeight: chosen === p.id ? 600 : undefined }}>
            <span aria-hidden style={{ width: 10, height: 10, borderRadius: 3, background: p.colour }} />
            {p.name} {count(p.count)}
          </Link>
        ))}
      </div>
    </figure>
  );
}
