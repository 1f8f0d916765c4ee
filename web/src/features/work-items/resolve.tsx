import { Button, Radio, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import type { Decision } from '../../lib/decisions';
import { money } from '../../lib/format';
import { accountWords, workItemOutcomeWords } from '../../lib/object-words';
import { decisions } from '../../lib/pending-decisions';
import { rules } from '../../lib/rules';
import { wordFor } from '../../lib/words';
import { Banner } from '../../ui/basics';
import { ErrorBanner } from '../../ui/states';
import { outcomeHelp, outcomeOrder } from './labels';
import type { Item, Leg, Outcome } from './queries';

const { explanation } = rules;

/** What was decided and is not settled: it can be taken back until it is sent. */
export function Waiting({ decision: { item, answer, state } }: { decision: Decision }) {
  return (
    <Banner tone="info" title={wordFor(workItemOutcomeWords, answer.outcome)} testId="work-waiting">
      <span>{answer.note}</span>
      {state === 'waiting' ? (
        <>
          <span className="small">
            Enviamos a decisão em 10 segundos, ou já ao fechar esta página. Depois disso ela não é desfeita.
          </span>
          <div className="row">
            <Button onClick={() => decisions.undo(item.id)}>Desfazer decisão</Button>
          </div>
        </>
      ) : (
        <span className="small">Enviando a decisão…</span>
      )}
    </Banner>
  );
}

/** What money is and why; `refused` is a decision that the server did not take, whose words are kept. */
export function ResolveForm({ item, refused }: { item: Item; refused?: Decision }) {
  const offered = (item.decisions ?? []).toSorted(
    (a, b) => outcomeOrder.indexOf(a.outcome) - outcomeOrder.indexOf(b.outcome),
  );
  const [outcome, setOutcome] = useState(refused?.answer.outcome ?? (offered.length === 1 ? offered[0]!.outcome : ''));
  const [note, setNote] = useState(refused?.answer.note ?? '');
  const [faults, setFaults] = useState<{ outcome?: string; note?: string }>({});
  const chosen = offered.find((d) => d.outcome === outcome);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const found = {
      outcome: chosen ? undefined : 'Escolha o que era este dinheiro.',
      note:
        note.trim().length >= explanation.minLength
          ? undefined
          : `Explique em pelo menos ${explanation.minLength} caracteres.`,
    };
    setFaults(found);
    if (!found.outcome && !found.note) decisions.decide(item, { outcome: outcome as Outcome, note: note.trim() });
  };
  return (
    <form className="card stack" noValidate onSubmit={submit} data-testid="work-resolve">
      <h2>Resolver</h2>
      {refused?.error ? <ErrorBanner error={refused.error} /> : null}
      <Radio.Group
        label="O que era"
        value={outcome}
        onChange={(o) => {
          setOutcome(o as Outcome);
          setFaults({ ...faults, outcome: undefined });
        }}
        error={faults.outcome}
      >
        <div className="stack tight">
          {offered.map((d) => (
            <Radio
              key={d.outcome}
              value={d.outcome}
              label={wordFor(workItemOutcomeWords, d.outcome)}
              description={outcomeHelp[d.outcome]}
            />
          ))}
        </div>
      </Radio.Group>
      {chosen && <Preview legs={chosen.legs} />}
      <Textarea
        label="Explicação"
        description="Quem olhar depois lê isto. Fica na auditoria."
        autosize
        minRows={3}
        maxLength={explanation.maxLength}
        value={note}
        error={faults.note}
        onChange={(e) => {
          setNote(e.currentTarget.value);
          setFaults({ ...faults, note: undefined });
        }}
      />
      <div className="row">
        <Button type="submit" variant="filled">
          Resolver pendência
        </Button>
        <span className="small muted">Você tem 10 segundos para desfazer.</span>
      </div>
    </form>
  );
}

/** The lines that a decision would book. */
function Preview({ legs }: { legs: Leg[] }) {
  return (
    <section className="card sunken stack tight" aria-live="polite" data-testid="work-preview">
      <h3 className="smaller">O que será lançado</h3>
      {legs.length === 0 ? (
        <p>Nada: os lançamentos ficam como estão.</p>
      ) : (
        <dl className="facts">
          {legs.map((leg, i) => (
            <div key={leg.account} className="pair">
              <dt>{i === 0 ? 'Sai de' : 'Entra em'}</dt>
              <dd>
                {wordFor(accountWords, leg.account)}: <b>{money(Math.abs(leg.amount.amountCents))}</b>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
