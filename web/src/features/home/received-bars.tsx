import { Bar, BarChart, CartesianGrid, Legend, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';

import { money } from '../../lib/format';
import type { DayPair } from './days';

/** The bars of the chart. Last month's are hatched, so that colour is not needed. */
export default function Bars({ days }: { days: DayPair[] }) {
  return (
    <div style={{ overflow: 'hidden', minWidth: 0, height: 220 }}>
      <ResponsiveContainer width="100%" height={220}>
        <BarChart data={days} accessibilityLayer barGap={0} barCategoryGap={1} margin={{ left: 16 }}>
          <defs>
            <pattern id="before" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="6" height="6" fill="var(--pp-surface)" />
              <rect width="3" height="6" fill="var(--pp-chart-5)" />
            </pattern>
          </defs>
          <CartesianGrid vertical={false} stroke="var(--pp-border)" />
          <XAxis dataKey="day" stroke="var(--pp-muted)" fontSize={12} />
          <YAxis
            tickFormatter={(n: number) => money(n).replace(/,\d\d$/, '')}
            width={80}
            stroke="var(--pp-muted)"
            fontSize={12}
          />
          <Tooltip
            formatter={(n) => money(Number(n))}
            labelFormatter={(d) => `Dia ${String(d)}`}
            contentStyle={{ background: 'var(--pp-surface)', borderColor: 'var(--pp-border-strong)' }}
            isAnimationActive={false}
          />
          <Legend />
          <Bar dataKey="now" name="Este mês" fill="var(--pp-chart-1)" isAnimationActive={false} />
          <Bar
            dataKey="before"
            name="Mês passado"
            fill="url(#before)"
            stroke="var(--pp-chart-5)"
            isAnimationActive={false}
          />
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
