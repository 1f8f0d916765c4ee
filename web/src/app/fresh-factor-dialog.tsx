import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { Failure } from '../lib/api';
import { freshFactor } from '../lib/fresh-factor';
import { useShowFactor } from '../lib/show-factor';
import { knowsPasskeys } from '../lib/passkey';
import { ErrorBanner } from '../ui/states';

/** Asks for a code before what moves money or makes keys; the call that asked for it then goes on by itself. */
export default function FreshFactorDialog() {
  const [code, setCode] = useState('');
  const [fault, setFault] = useState('');
  const show = useShowFactor(() => freshFactor.answer(true));
  const submit = (e: FormEvent) => {
    e.preventDefault();
    setFault(code.trim() ? '' : 'Informe o código.');
    if (code.trim() && !show.isPending) show.mutate(code.trim());
  };
  const wrong = show.error instanceof Failure ? show.error.about('/code')?.detail : undefined;
  return (
    <Modal opened onClose={() => freshFactor.answer(false)} title="Confirme que é você">
      <form className="stack" noValidate onSubmit={submit} data-testid="fresh-factor">
        <p>Esta ação pede o seu segundo fator. Ele vale para os próximos 10 minutos.</p>
        <TextInput
          label="Código do aplicativo ou de recuperação"
          name="code"
          autoComplete="one-time-code"
          data-autofocus
          value={code}
          error={fault || wrong}
          onChange={(e) => setCode(e.currentTarget.value)}
        />
        {show.error && !wrong && <ErrorBanner error={show.error} />}
        <div className="row">
          <Button type="submit" variant="filled" aria-busy={show.isPending}>
            Confirmar
          </Button>
          {knowsPasskeys() && <Button onClick={() => show.mutate(null)}>Usar chave de acesso</Button>}
          <Button onClick={() => freshFactor.answer(false)}>Cancelar</Button>
        </div>
      </form>
    </Modal>
  );
}
