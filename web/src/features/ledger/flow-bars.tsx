import { Bar, BarChart, CartesianGrid, Legend, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';

import { day, money } from '../../lib/format';
import type { DayFlow } from './lines';

/** The bars of the chart. Money that went out is hatched and money to come is dotted, so that colour is not needed. */
export default function Bars({ days }: { days: DayFlow[] }) {
  return (
    <div style={{ overflow: 'hidden', minWidth: 0 }}>
      {/* Just after the window shrank, the chart is still wider than its place. */}
      <ResponsiveContainer width="100%" height={220}>
        <BarChart data={days} accessibilityLayer margin={{ left: 16 }}>
          <defs>
            <pattern id="hatched" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="6" height="6" fill="var(--pp-surface)" />
              <rect width="3" height="6" fill="var(--pp-chart-2)" />
            </pattern>
            <pattern id="dotted" width="5" height="5" patternUnits="userSpaceOnUse">
              <rect width="5" height="5" fill="var(--pp-surface)" />
              <circle cx="2.5" cy="2.5" r="1.4" fill="var(--pp-chart-3)" />
            </pattern>
          </defs>
          <CartesianGrid vertical={false} stroke="var(--pp-border)" />
          <XAxis
            dataKey="day"
            tickFormatter={(d: string) => day(d).slice(0, 5)}
            stroke="var(--pp-muted)"
            fontSize={12}
          />
          <YAxis
            tickFormatter={(n: number) => money(n).replace(/,\d\d$/, '')}
            width={80}
            stroke="var(--pp-muted)"
            fontSize={12}
          />
          <Tooltip
            formatter={(n) => money(Number(n))}
            labelFormatter={(d) => day(String(d))}
            contentStyle={{ background: 'var(--pp-surface)', borderColor: 'var(--pp-border-strong)' }}
            isAnimationActive={false}
          />
          <Legend />
          <Bar dataKey="in" name="Entrada" fill="var(--pp-chart-1)" isAnimationActive={false} />
          <Bar
            dataKey="due"
            name="A liberar"
            fill="url(#dotted)"
            stroke="var(--pp-chart-3)"
            isAnimationActive={false}
          />
          <Bar dataKey="out" name="Saída" fill="url(#hatched)" stroke="var(--pp-chart-2)" isAnimationActive={false} />
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
