import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent } from 'react';

import { looksLikeEmail } from '../../lib/email';
import { logIn } from '../../lib/session';
import { Banner } from '../../ui/basics';
import { CodeStep, type Challenge } from './code-step';
import { Forgot, MailLink } from './forgot';

interface Faults {
  email?: string;
  password?: string;
}

function faultsOf(email: string, password: string): Faults {
  const faults: Faults = {};
  if (!email) faults.email = 'Informe o e-mail.';
  else if (!looksLikeEmail(email)) faults.email = 'Digite um e-mail válido, como nome@clinica.com.br.';
  if (!password) faults.password = 'Informe a senha.';
  return faults;
}

/** Seconds left of a wait, counted down each second. */
function useCountdown(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}

/** What a refused login says. A wrong password and an unknown person read the same. */
function refusal(answer: Response): string {
  return answer.status === 401 || answer.status === 422
    ? 'E-mail ou senha não conferem.'
    : 'Não conseguimos falar com o PataPay. Tente de novo em instantes.';
}

/** The secret of a mailed link, which stands behind the # and leaves the address at once. */
function takeLink(): string | undefined {
  const link = /^#([a-z2-7]{26})$/.exec(location.hash)?.[1];
  if (link) history.replaceState(history.state, '', location.pathname + location.search);
  return link;
}

/** Whether a refusal says that a mailed link would let the person in. */
async function asksForLink(answer: Response): Promise<boolean> {
  const said = (await answer.json().catch(() => ({}))) as { errors?: { pointer?: string }[] };
  return said.errors?.some((e) => e.pointer === '/link') ?? false;
}

/** The challenge of a login whose password was right and whose second factor is waited for. */
async function challengeOf(answer: Response): Promise<Challenge | undefined> {
  return ((await answer.json().catch(() => ({}))) as { challenge?: Challenge }).challenge;
}

/** E-mail and password, on the login page and over a page whose session ended. */
export function LoginForm({ email: known, done }: { email?: string; done?: () => void }) {
  const [email, setEmail] = useState(known ?? '');
  const [password, setPassword] = useState('');
  const [faults, setFaults] = useState<Faults>({});
  const [refused, setRefused] = useState('');
  const [wait, setWait] = useCountdown();
  const [busy, setBusy] = useState(false);
  const [link] = useState(takeLink);
  const [linkHelps, setLinkHelps] = useState(false);
  const [challenge, setChallenge] = useState<Challenge>();
  const form = useRef<HTMLFormElement>(null);

  const submit = async (e: FormEvent) => {
    e.preventDefault();
    const found = faultsOf(email.trim(), password);
    setFaults(found);
    if (found.email || found.password)
      return form.current
        ?.querySelector<HTMLInputElement>(found.email ? '[name=username]' : '[name=password]')
        ?.focus();
    if (busy || wait > 0) return;
    setBusy(true);
    setRefused('');
    try {
      const answer = await logIn(email.trim(), password, link);
      if (!answer) return done?.();
      if (answer.status === 429) {
        setWait(Number(answer.headers.get('Retry-After') ?? 30));
        setLinkHelps(await asksForLink(answer));
      } else if (answer.status === 409) {
        const next = await challengeOf(answer);
        setChallenge(next);
        if (!next) setRefused(refusal(answer));
      } else setRefused(refusal(answer));
    } catch {
      setRefused('Não conseguimos falar com o PataPay. Tente de novo em instantes.');
    } finally {
      setBusy(false);
    }
  };

  if (challenge)
    return (
      <CodeStep
        challenge={challenge}
        done={() => done?.()}
        over={(why) => {
          setChallenge(undefined);
          setPassword('');
          setRefused(why);
        }}
      />
    );
  return (
    <form className="stack" noValidate onSubmit={submit} ref={form}>
      {wait > 0 && (
        <Banner tone="warning" alert>
          Muitas tentativas. Tente de novo em {wait} s.
        </Banner>
      )}
      {linkHelps && (
        <>
          <p className="small muted">
            Houve muitas tentativas com este e-mail. Para entrar já deste navegador, use o link que enviamos a ele.
          </p>
          <MailLink kind="login" email={email} />
        </>
      )}
      {refused && wait === 0 && (
        <Banner tone="danger" alert>
          {refused}
        </Banner>
      )}
      <TextInput
        label="E-mail"
        name="username"
        type="email"
        autoComplete="username"
        value={email}
        error={faults.email}
        onChange={(e) => setEmail(e.currentTarget.value)}
        onBlur={() => email && setFaults({ ...faults, email: faultsOf(email.trim(), 'x').email })}
      />
      <PasswordInput
        label="Senha"
        name="password"
        autoComplete="current-password"
        value={password}
        error={faults.password}
        onChange={(e) => setPassword(e.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Mostrar ou ocultar a senha', tabIndex: 0 }}
      />
      <Button type="submit" variant="filled" loading={busy} loaderProps={{ 'aria-hidden': true }}>
        Entrar
      </Button>
      <Forgot email={email} />
    </form>
  );
}
