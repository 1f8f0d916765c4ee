import { amount, count, money, plural } from '../../lib/format';
import { useToday } from '../../lib/glance';
import { methodOf } from '../../lib/object-labels';
import { daysFrom, dayBegin, monthOf } from '../../lib/period';
import { paid, sumFilters, useInvoiceSums } from '../../lib/sums';
import { BarFigure, type BarRow } from '../../ui/bars';

const ages: [key: string, name: string][] = [
  ['1-7', '1 a 7 dias'],
  ['8-15', '8 a 15 dias'],
  ['16-30', '16 a 30 dias'],
  ['31-60', '31 a 60 dias'],
  ['61+', 'Mais de 60 dias'],
];

/** What is overdue, by how long it has been. Shows nothing when nothing is overdue. */
export function OverdueByAge() {
  const sums = useInvoiceSums({ ...sumFilters.overdue(), by: 'age' }).data;
  if (!sums?.total.count) return null;
  const of = (key: string) => sums.sums.find((s) => s.key === key);
  const rows = ages.map(([key, name]) => ({ name, n: of(key)?.count ?? 0, cents: of(key)?.value.amountCents ?? 0 }));
  return (
    <BarFigure
      name="vencidas"
      title="Vencidas por idade"
      sentence={`${money(sums.total.value.amountCents)} vencidos em ${plural(sums.total.count, 'fatura', 'faturas')}.`}
      rows={rows.map((r) => ({
        name: r.name,
        text: `${money(r.cents)} (${count(r.n)})`,
        parts: [{ name: '', size: r.cents, pattern: 4 }],
      }))}
      columns={['Faturas', 'Valor']}
      cells={(i) => [count(rows[i]!.n), money(rows[i]!.cents)]}
    />
  );
}

const patterns: Record<string, number> = { pix: 1, boleto: 2, credit_card: 3, debit_card: 4 };
const months = 6; // shown

/** The fees of the invoices that were paid in each month, by payment method. */
export function FeesByMonth() {
  const today = useToday();
  const since = monthOf(daysFrom(monthOf(today).from, -30 * (months - 1))).from;
  const sums = useInvoiceSums({ status: paid, by: 'methodMonth', 'paidAt[gte]': dayBegin(since) }).data;
  if (!sums?.total.count) return null;
  const methods = [...new Set(sums.sums.map((s) => s.method ?? ''))];
  const rows: (BarRow & { fees: number[] })[] = [...new Set(sums.sums.map((s) => s.key))].map((month) => {
    const fees = methods.map(
      (m) => sums.sums.find((s) => s.key === month && (s.method ?? '') === m)?.fee.amountCents ?? 0,
    );
    return {
      name: month.split('-').reverse().join('/'),
      fees,
      text: money(fees.reduce((a, b) => a + b, 0)),
      parts: methods.map((m, i) => ({ name: methodOf(m), size: fees[i]!, pattern: patterns[m] ?? 5 })),
    };
  });
  return (
    <BarFigure
      name="taxas"
      title="Taxas por forma e mês"
      sentence={`Taxas de ${amount(sums.total.fee)} sobre ${amount(sums.total.value)} pagos desde ${rows[0]!.name}.`}
      rows={rows}
      columns={[...methods.map(methodOf), 'Total']}
      cells={(i) => [...rows[i]!.fees.map(money), rows[i]!.text]}
    />
  );
}
