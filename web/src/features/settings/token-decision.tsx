import { Button, Modal } from '@mantine/core';

import type { Failure } from '../../lib/api';
import { When } from '../../ui/basics';

export type Decision = 'end' | 'transfer';

/** Asks what becomes of the programs' tokens of a person who leaves, with the last use of each. */
export function TokenDecision({
  name,
  failure,
  decide,
  close,
}: {
  name: string;
  failure: Failure;
  decide: (decision: Decision) => void;
  close: () => void;
}) {
  return (
    <Modal opened onClose={close} title={`Tokens de programas de ${name}`}>
      <div className="stack" data-testid="token-decision">
        <p>{name} responde por tokens que ainda valem. O que fazer com eles?</p>
        <ul>
          {failure.problem.serviceTokens?.map((t) => (
            <li key={t.id}>
              {t.name} · último uso: <When at={t.lastUsedAt} />
            </li>
          ))}
        </ul>
        <div className="row">
          <Button variant="filled" onClick={() => decide('transfer')}>
            Passar para mim
          </Button>
          <Button color="danger" onClick={() => decide('end')}>
            Encerrar tokens
          </Button>
          <Button onClick={close}>Cancelar</Button>
        </div>
        <span className="small muted">Um token encerrado para na hora o programa que o usa, e não volta.</span>
      </div>
    </Modal>
  );
}
