import type { Schema } from '../../lib/api';
import { useToday } from '../../lib/glance';
import { invoiceState, unconfirmed } from '../../lib/object-labels';
import { Badge } from '../../ui/basics';

/** Who pays: the name, or Asaas's id while the name is not known. */
export function Payer({ id, name }: { id: string | null; name: string | null | undefined }) {
  if (!id) return <>—</>;
  return name ? (
    <span title={id} data-testid="payer">
      {name}
    </span>
  ) : (
    <code className="muted">{id}</code>
  );
}

export function InvoiceBadge({ invoice }: { invoice: Schema['InvoiceView'] }) {
  const [words, tone] = invoiceState(invoice, useToday());
  return (
    <>
      <Badge tone={tone} testId="invoice-state">
        {words}
      </Badge>
      {unconfirmed(invoice) && (
        <small className="muted" data-testid="unconfirmed">
          {' '}
          Ainda não conferida no Asaas
        </small>
      )}
    </>
  );
}
