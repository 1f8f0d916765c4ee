import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';

import { Banner, CopyField } from '../../ui/basics';

/** Ten recovery codes, which are shown once, to be copied or printed. */
export function RecoveryCodes({ codes, done }: { codes: string[]; done: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div
      className="stack"
      ref={box}
      tabIndex={-1}
      role="group"
      aria-label="Códigos de recuperação"
      data-testid="recovery"
    >
      <Banner tone="warning" title="Guarde estes códigos agora">
        <span>
          Eles aparecem uma única vez. Sem o celular, cada um deles entra no lugar do código do aplicativo, uma vez.
        </span>
      </Banner>
      <ul className="mono" data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <CopyField field="recovery-codes" label="Todos, para copiar" value={codes.join(' ')} />
      <div className="row">
        <Button onClick={() => print()}>Imprimir</Button>
        <Button variant="filled" onClick={done}>
          Já guardei
        </Button>
      </div>
    </div>
  );
}
