import { Button, Textarea } from '@mantine/core';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Fragment, useState, type FormEvent, type ReactNode } from 'react';

import { api, body, type Failure } from '../../lib/api';
import { stateOf } from '../../lib/connection-labels';
import { count } from '../../lib/format';
import { concernWords, type FleetClinic } from '../../lib/fleet-words';
import { rules } from '../../lib/rules';
import { visit, visitMinutes } from '../../lib/visit';
import { Badge, PageHeader, When } from '../../ui/basics';
import { Empty, Fetched } from '../../ui/states';
import { LossCountdown } from './loss';
import { Quota } from './quota';
import { useFleetClinic } from './queries';

/** What may be wrong with one clinic, and the way to see its pages. */
export default function OpsClinic() {
  const { id } = useParams({ from: '/shell/ops/clinicas/$id' });
  const clinic = useFleetClinic(id);
  return (
    <Fetched query={clinic}>
      {(c) =>
        c ? (
          <Clinic c={c} />
        ) : (
          <Empty action={<Link to="/ops/clinicas">Ver as clínicas</Link>}>Não há esta clínica.</Empty>
        )
      }
    </Fetched>
  );
}

function Clinic({ c }: { c: FleetClinic }) {
  const [words, tone] = stateOf(c.connection);
  const facts: [string, ReactNode][] = [
    ['Situação', <Badge tone={tone}>{words}</Badge>],
    ['Clínica', c.state === 'suspended' ? 'Suspensa' : 'Ativa'],
    ['Perda em', <LossCountdown at={c.lossAt} />],
    ['Evento mais antigo esperando', <When at={c.waitingSince} relative />],
    ['Última conferência', <When at={c.comparedAt} relative />],
    ['Cota do Asaas, nas 12 horas em curso', <Quota calls={c.quotaCalls} />],
    [concernWords.dead!, count(c.counts.deadEvents)],
    [concernWords.quarantined!, count(c.counts.quarantinedEvents)],
    [concernWords.alarms!, count(c.counts.openAlarms)],
    [concernWords.operations!, count(c.counts.runningOperations)],
    [concernWords.endpoints!, count(c.counts.troubledEndpoints)],
    [concernWords.mails!, count(c.counts.unsentMails)],
  ];
  return (
    <div className="stack">
      <PageHeader
        above={
          <>
            <Link to="/ops">Operação</Link> › <Link to="/ops/clinicas">Clínicas</Link>
          </>
        }
        title={c.name}
        lead={
          <>
            <code title="Id da clínica">{c.tenantId}</code>
            {c.externalId && ` · ${c.externalId}`}
          </>
        }
      />
      <dl className="facts" data-testid="fleet-clinic">
        {facts.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
      <VisitForm c={c} />
    </div>
  );
}

/** Asks why before anything of the clinic is shown. */
function VisitForm({ c }: { c: FleetClinic }) {
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState('');
  const navigate = useNavigate();
  const begin = (e: FormEvent) => {
    e.preventDefault();
    if (reason.trim().length < rules.reason.minLength) {
      setFault(`Escreva o motivo com pelo menos ${rules.reason.minLength} letras.`);
      return;
    }
    body(api.POST('/v1/ops/visits', { body: { tenantId: c.tenantId, reason: reason.trim() } })).then(
      ({ id }) => {
        visit.begin(id, c.tenantId, c.name, reason);
        void navigate({ to: '/app' });
      },
      (refused: Failure) => setFault(refused.message),
    );
  };
  return (
    <form className="card stack" onSubmit={begin} aria-labelledby="ver-como">
      <h2 id="ver-como">Ver como a clínica</h2>
      <p>
        Por {visitMinutes} minutos, só para olhar, com os dados pessoais ocultos. A clínica vê cada acesso e o motivo na
        auditoria dela.
      </p>
      <Textarea
        label="Motivo do acesso"
        value={reason}
        maxLength={rules.reason.maxLength}
        error={fault}
        autosize
        onChange={(e) => setReason(e.currentTarget.value)}
        data-testid="access-reason"
      />
      <Button type="submit" variant="filled" className="rigid">
        Ver como a clínica
      </Button>
    </form>
  );
}
