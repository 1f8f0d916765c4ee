import { Button } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';

import { ago, instant, money, type Money } from '../lib/format';
import type { Tone } from '../lib/tone';
import { Icon } from './icon';
import { toast } from './toast';

/** A state in words, with an icon: never by colour alone. */
export function Badge({ tone, children, testId }: { tone: Tone; children: ReactNode; testId?: string }) {
  return (
    <span className={`badge tone-${tone}`} data-testid={testId}>
      <Icon name={tone} size={16} />
      <span>{children}</span>
    </span>
  );
}

/** An amount as tables and cards show it. */
export function Amount({ value }: { value: Money | null | undefined }) {
  return <span className="num">{value ? money(value.amountCents) : '—'}</span>;
}

/** An instant in full; when relative, how long ago it was, with the full instant as its title. */
export function When({ at, relative = false }: { at: string | null | undefined; relative?: boolean }) {
  if (!at) return <>—</>;
  return (
    <time dateTime={at} title={instant(at)}>
      {relative ? ago(at) : instant(at)}
    </time>
  );
}

/** A failure, a warning or a fact above a page. */
export function Banner({
  tone,
  title,
  children,
  alert = false,
  testId,
}: {
  tone: Tone;
  title?: string;
  children?: ReactNode;
  alert?: boolean;
  testId?: string;
}) {
  return (
    <div className={`banner tone-${tone}`} role={alert ? 'alert' : undefined} data-testid={testId}>
      {title && (
        <strong className="row oneline">
          <Icon name={tone} /> <span>{title}</span>
        </strong>
      )}
      {children}
    </div>
  );
}

/** The page's one h1, its lead and what can be done; the document's title goes with it. */
export function PageHeader({
  title,
  clinic,
  lead,
  above,
  beside,
  actions,
}: {
  title: string;
  clinic?: string;
  lead?: ReactNode;
  above?: ReactNode;
  beside?: ReactNode; // what is chosen of the page, in the line of its title where there is room
  actions?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · ${clinic ?? 'PataPay'}`;
  }, [title, clinic]);
  return (
    <header className="stack tight title">
      {above && <div className="small muted">{above}</div>}
      <div className="row apart">
        <h1>{title}</h1>
        {beside}
        {actions && <div className="row noprint">{actions}</div>}
      </div>
      {lead && <p className="muted">{lead}</p>}
    </header>
  );
}

/** A number that matters, under its name. */
export function Kpi({ name, children, note }: { name: string; children: ReactNode; note?: ReactNode }) {
  return (
    <div className="card kpi">
      <span className="muted small">{name}</span>
      <b>{children}</b>
      {note && <span className="small muted">{note}</span>}
    </div>
  );
}

/** Copies text and says so. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast('Copiado.');
  } catch {
    toast('Não foi possível copiar. Selecione o texto.');
  }
}

/** A value to be pasted elsewhere, with its button. */
export function CopyField({
  field,
  label,
  value,
  note,
}: {
  field: string;
  label: string;
  value: string;
  note?: string;
}) {
  return (
    <div className="stack tightest">
      <span className="small">{label}</span>
      <div className="row copy">
        <code className="card" style={{ padding: '8px 12px', borderRadius: 6 }} data-testid={`value-${field}`}>
          {value}
        </code>
        <Button
          onClick={() => copy(value)}
          data-testid={`copy-${field}`}
          aria-label={`Copiar ${label}`}
          className="rigid"
        >
          Copiar
        </Button>
      </div>
      {note && <span className="small muted">{note}</span>}
    </div>
  );
}
