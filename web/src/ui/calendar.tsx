import '@mantine/dates/styles.css';
import 'dayjs/locale/pt-br';

import { DatePicker } from '@mantine/dates';
import dayjs from 'dayjs';
import { useEffect, useRef } from 'react';

const locale = 'pt-br';

const words = {
  previousMonth: 'Mês anterior',
  nextMonth: 'Próximo mês',
  previousYear: 'Ano anterior',
  nextYear: 'Próximo ano',
  previousDecade: 'Década anterior',
  nextDecade: 'Próxima década',
};

/** The days of a month to choose one of; it takes the focus when it appears. Days are YYYY-MM-DD. */
export default function Calendar({
  chosen,
  shown,
  choose,
}: {
  chosen: string | null;
  shown: string; // a day of the month that is shown first
  choose: (day: string | null) => void; // null: the chosen one, once more
}) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector<HTMLElement>('table [tabindex="0"]')?.focus(), []);
  return (
    <div ref={box}>
      <DatePicker
        locale={locale}
        firstDayOfWeek={0}
        weekendDays={[]} // none is in red
        hideOutsideDates
        ariaLabels={words}
        getDayAriaLabel={(day) => dayjs(day).locale(locale).format('D [de] MMMM [de] YYYY')}
        value={chosen}
        defaultDate={chosen ?? shown}
        onChange={choose}
      />
    </div>
  );
}
