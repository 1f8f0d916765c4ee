import { Button, Modal, NativeSelect } from '@mantine/core';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';

import { useClinic } from '../../lib/clinic';
import { endpointPayloadWords, endpointReasonWords, wordFor } from '../../lib/endpoint-words';
import { Badge, Banner, PageHeader, When } from '../../ui/basics';
import { ConfirmButton } from '../../ui/confirm';
import { Allowed } from '../../ui/denied';
import { Fetched } from '../../ui/states';
import { Deliveries } from './deliveries';
import { EndpointForm } from './form';
import {
  useChangeEndpoint,
  useDeleteEndpoint,
  useEndpoint,
  useEndpointAction,
  useReplayEndpoint,
  useRotateSecret,
} from './queries';
import type { Endpoint } from './queries';
import { NewSecret, useShownSecret } from './secret';
import { stateOf, typeName } from './words';

/** One connected system: whether it takes what it is sent, and what can be done about it. */
export default function EndpointPage() {
  const { id } = useParams({ from: '/shell/app/configuracoes/sistemas/$id' });
  const clinic = useClinic().data;
  return (
    <>
      <PageHeader
        above="Configurações › Sistemas conectados"
        title="Sistema conectado"
        clinic={clinic?.name}
        lead={<Link to="/app/configuracoes/sistemas">Todos os sistemas</Link>}
      />
      <Allowed scope="endpoints:write">
        <Loaded id={id} />
      </Allowed>
    </>
  );
}

function Loaded({ id }: { id: string }) {
  const endpoint = useEndpoint(id);
  const [secret, showSecret] = useShownSecret(id);
  return (
    <Fetched query={endpoint}>
      {(e) => (
        <div className="stack">
          {secret && <NewSecret secret={secret} dismiss={() => showSecret('')} />}
          <Health endpoint={e} />
          <Facts endpoint={e} showSecret={showSecret} />
          <Deliveries id={e.id} />
          <Removal endpoint={e} />
        </div>
      )}
    </Fetched>
  );
}

/** Whether deliveries arrive, and the one thing to do when they do not. */
function Health({ endpoint: e }: { endpoint: Endpoint }) {
  const test = useEndpointAction(e.id, 'test');
  const pause = useEndpointAction(e.id, 'pause');
  const resume = useEndpointAction(e.id, 'resume');
  const [words, tone] = stateOf(e);
  return (
    <section className="card stack" data-testid="endpoint-health">
      <div className="row apart">
        <h2 className="break">{e.description || new URL(e.url).host}</h2>
        <Badge tone={tone} testId="endpoint-state">
          {words}
        </Badge>
      </div>
      {e.state === 'paused' && (
        <Banner tone={e.reason === 'by_request' ? 'info' : 'danger'} title="O envio está parado">
          {`Desde `}
          <When at={e.stateSince} />: {wordFor(endpointReasonWords, e.reason ?? '')}. Nada se perdeu: ao retomar, ele
          continua de onde parou.
        </Banner>
      )}
      {e.state === 'active' && e.nextAttemptAt && (
        <Banner tone="warning" title="O sistema não está aceitando">
          Tentamos de novo às <When at={e.nextAttemptAt} />, cada vez mais espaçado, por três dias.
        </Banner>
      )}
      <div className="row">
        <Button
          variant={e.succeededAt ? 'default' : 'filled'}
          aria-busy={test.isPending}
          onClick={() => test.mutate(undefined)}
          data-testid="endpoint-test"
        >
          Enviar teste
        </Button>
        {e.state === 'paused' ? (
          <Button variant="filled" aria-busy={resume.isPending} onClick={() => resume.mutate(undefined)}>
            Retomar envio
          </Button>
        ) : (
          <Button aria-busy={pause.isPending} onClick={() => pause.mutate(undefined)}>
            Parar envio
          </Button>
        )}
      </div>
    </section>
  );
}

function Facts({ endpoint: e, showSecret }: { endpoint: Endpoint; showSecret: (secret: string) => void }) {
  const [editing, setEditing] = useState(false);
  const change = useChangeEndpoint(e, () => setEditing(false));
  const rotate = useRotateSecret(e.id, (fresh) => showSecret(fresh.secret ?? ''));
  return (
    <section className="card stack">
      <h2>Como ele recebe</h2>
      <dl className="facts">
        <dt>Endereço</dt>
        <dd>
          <code className="break">{e.url}</code>
        </dd>
        <dt>Assuntos</dt>
        <dd>{e.types.length ? e.types.map(typeName).join(' · ') : 'Todos'}</dd>
        <dt>Em cada envio</dt>
        <dd>{endpointPayloadWords[e.payload]}</dd>
        <dt>Dados pessoais</dt>
        <dd>{e.personalData ? 'Nomes e documentos inteiros' : 'Nomes e documentos mascarados'}</dd>
        <dt>Esperando confirmação</dt>
        <dd>{e.waiting}</dd>
        <dt>Último aceito</dt>
        <dd>{e.succeededAt ? <When at={e.succeededAt} /> : 'Nenhum'}</dd>
        <dt>Última falha</dt>
        <dd>{e.failedAt ? <When at={e.failedAt} /> : 'Nenhuma'}</dd>
      </dl>
      <div className="row">
        <Button onClick={() => setEditing(true)}>Alterar</Button>
        <ConfirmButton action="Trocar segredo" title="Trocar o segredo" work={rotate}>
          <p>O novo aparece uma única vez. O antigo ainda assina junto por 24 horas, para dar tempo de trocar.</p>
        </ConfirmButton>
      </div>
      {editing && (
        <Modal opened onClose={() => setEditing(false)} title="Alterar o sistema" size="lg">
          <EndpointForm endpoint={e} action="Salvar" work={change} />
        </Modal>
      )}
    </section>
  );
}

const spans = [
  { value: '1', label: 'a última hora' },
  { value: '24', label: 'as últimas 24 horas' },
  { value: '168', label: 'os últimos 7 dias' },
  { value: '720', label: 'os últimos 30 dias' },
];

/** What sends again, and what cannot be taken back. */
function Removal({ endpoint: e }: { endpoint: Endpoint }) {
  const navigate = useNavigate();
  const [hours, setHours] = useState('24');
  const replay = useReplayEndpoint(e.id, () => new Date(Date.now() - Number(hours) * 3_600_000).toISOString());
  const remove = useDeleteEndpoint(e.id, () => void navigate({ to: '/app/configuracoes/sistemas' }));
  return (
    <section className="card stack">
      <h2>Enviar de novo, ou remover</h2>
      <div className="row">
        <ConfirmButton action="Enviar de novo" title="Enviar de novo" work={replay}>
          <NativeSelect
            label="Tudo o que mudou"
            data={spans}
            value={hours}
            onChange={(event) => setHours(event.currentTarget.value)}
          />
          <p>O sistema recebe outra vez o que já recebeu; os envios repetidos têm o mesmo código.</p>
        </ConfirmButton>
        <ConfirmButton action="Remover" title="Remover o sistema" work={remove} danger>
          <p>
            Ele deixa de ser avisado, e o histórico de envios é apagado. Nada muda nas faturas. Não há volta: para
            voltar, conecte-o outra vez.
          </p>
        </ConfirmButton>
      </div>
    </section>
  );
}
