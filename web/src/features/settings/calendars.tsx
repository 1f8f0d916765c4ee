import { Button } from '@mantine/core';

import { instant } from '../../lib/format';
import { Banner, CopyField } from '../../ui/basics';
import { ErrorBanner, Fetched } from '../../ui/states';
import { useCalendars, useCreateCalendar, useEndCalendar } from './queries';

/** The addresses at which the person's calendar program reads the days of the agenda. */
export function Calendars() {
  const calendars = useCalendars();
  const create = useCreateCalendar();
  const end = useEndCalendar();
  const failed = create.error ?? end.error;
  return (
    <section className="card stack" data-testid="calendars">
      <h2>Agenda no seu calendário</h2>
      <p className="small muted">
        Um endereço para o seu programa de calendário. Ele mostra o assunto e o dia de cada prazo, sem nomes nem
        valores. Quem tem o endereço vê os prazos: não o compartilhe.
      </p>
      {create.data?.url && (
        <Banner tone="success" title="Copie o endereço agora: ele não aparece de novo.">
          <CopyField field="calendar-url" label="Endereço do calendário" value={create.data.url} />
        </Banner>
      )}
      <Fetched query={calendars}>
        {(rows) => (
          <ul className="plain stack tight">
            {rows.map((c) => (
              <li key={c.id} className="row apart" data-testid="calendar-row">
                <span>
                  Criado em {instant(c.createdAt)}
                  <span className="small muted">
                    {c.lastUsedAt ? ` · último uso em ${instant(c.lastUsedAt)}` : ' · ainda sem uso'}
                  </span>
                </span>
                <Button
                  onClick={() => end.mutate(c.id)}
                  aria-busy={end.isPending}
                  aria-label={`Revogar o calendário de ${instant(c.createdAt)}`}
                >
                  Revogar
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Fetched>
      <div className="row">
        <Button onClick={() => create.mutate()} loading={create.isPending} data-testid="create-calendar">
          Criar endereço
        </Button>
      </div>
      {failed && <ErrorBanner error={failed} />}
    </section>
  );
}
