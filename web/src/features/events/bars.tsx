import { Bar, BarChart, CartesianGrid, Legend, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';

import { count } from '../../lib/format';

interface Bucket {
  name: string;
  done: number;
  waiting: number;
  failed: number;
  refused: number;
}

/** Events of each hour or day, stacked by outcome. Failed ones are hatched, so that colour is not needed. */
export default function Bars({ buckets }: { buckets: Bucket[] }) {
  return (
    <div style={{ overflow: 'hidden', minWidth: 0 }}>
      {/* Just after the window shrank, the chart is still wider than its place. */}
      <ResponsiveContainer width="100%" height={180}>
        <BarChart data={buckets} accessibilityLayer maxBarSize={32}>
          <defs>
            {[
              ['failed', 4],
              ['refused', 2],
            ].map(([id, colour]) => (
              <pattern
                key={id}
                id={`hatch-${id}`}
                width="6"
                height="6"
                patternUnits="userSpaceOnUse"
                patternTransform={`rotate(${id === 'failed' ? 45 : 135})`}
              >
                <rect width="6" height="6" fill="var(--pp-surface)" />
                <rect width="3" height="6" fill={`var(--pp-chart-${colour})`} />
              </pattern>
            ))}
          </defs>
          <CartesianGrid vertical={false} stroke="var(--pp-border)" />
          <XAxis
            dataKey="name"
            tickFormatter={(d: string) => d.replace(/\/\d{4}$/, '')}
            stroke="var(--pp-muted)"
            fontSize={12}
            minTickGap={16}
          />
          <YAxis allowDecimals={false} width={48} tickFormatter={count} stroke="var(--pp-muted)" fontSize={12} />
          <Tooltip
            formatter={(n) => count(Number(n))}
            contentStyle={{ background: 'var(--pp-surface)', borderColor: 'var(--pp-border-strong)' }}
            isAnimationActive={false}
          />
          <Legend />
          <Bar dataKey="done" stackId="all" name="Processados" fill="var(--pp-chart-1)" isAnimationActive={false} />
          <Bar dataKey="waiting" stackId="all" name="Em andamento" fill="var(--pp-chart-5)" isAnimationActive={false} />
          <Bar
            dataKey="failed"
            stackId="all"
            name="Com falha"
            fill="url(#hatch-failed)"
            stroke="var(--pp-chart-4)"
            isAnimationActive={false}
          />
          <Bar
            dataKey="refused"
            stackId="all"
            name="Recusados"
            fill="url(#hatch-refused)"
            stroke="var(--pp-chart-2)"
            isAnimationActive={false}
          />
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
