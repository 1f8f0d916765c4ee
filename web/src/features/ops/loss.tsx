import { countdown, instant } from '../../lib/format';

/** How long until Asaas throws the first undelivered event of a paused queue away. */
export function LossCountdown({ at }: { at: string | null }) {
  if (!at) return <>—</>;
  const seconds = Math.floor((Date.parse(at) - Date.now()) / 1000);
  const days = Math.floor(seconds / 86_400);
  const text =
    seconds <= 0
      ? 'já perdendo'
      : days > 0
        ? `${days} d ${Math.floor((seconds % 86_400) / 3600)} h`
        : countdown(seconds);
  return (
    <time dateTime={at} title={instant(at)}>
      {text}
    </time>
  );
}
