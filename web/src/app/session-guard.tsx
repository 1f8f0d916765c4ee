import { Button, Modal } from '@mantine/core';
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react';

import { useSession } from '../lib/clinic';
import { freshFactor } from '../lib/fresh-factor';
import { expireSession, idleMinutes, renew, session } from '../lib/session';
import { Loading } from '../ui/states';

const warnBefore = 2 * 60_000; // milliseconds

// No part of the first script. It is fetched soon after, so that it is there when a session ends without a server.
const loginForm = () => import('../features/login/login-form');
const LoginForm = lazy(async () => ({ default: (await loginForm()).LoginForm }));

const FreshFactorDialog = lazy(() => import('./fresh-factor-dialog'));

/** Milliseconds until the session ends because the person gave no sign. */
function timeLeft(): number {
  return session.activeAt() + idleMinutes * 60_000 - Date.now();
}

/** Takes every key and pointer as a sign of the person, warns two minutes before the end, and ends the session. */
function useIdle(): [boolean, () => void] {
  const [warned, setWarned] = useState(false);
  useEffect(() => {
    const sign = () => {
      if (timeLeft() > warnBefore) session.touch();
    };
    const timer = setInterval(() => {
      if (session.state() !== 'in') return;
      setWarned(timeLeft() < warnBefore);
      if (timeLeft() <= 0) expireSession();
    }, 1000);
    window.addEventListener('pointerdown', sign);
    window.addEventListener('keydown', sign);
    return () => {
      clearInterval(timer);
      window.removeEventListener('pointerdown', sign);
      window.removeEventListener('keydown', sign);
    };
  }, []);
  const stay = () => {
    session.touch();
    setWarned(false);
    renew().catch(() => undefined);
  };
  return [warned, stay];
}

/** The warning before a session's end, and the login after it. The page below stays as it is. */
export function SessionGuard() {
  const state = useSession();
  const [warned, stay] = useIdle();
  const factorAsked = useSyncExternalStore(freshFactor.subscribe, freshFactor.asked);
  useEffect(() => {
    const soon = setTimeout(() => loginForm().catch(() => undefined), 5_000);
    return () => clearTimeout(soon);
  }, []);
  return (
    <>
      <Modal opened={state === 'in' && warned} onClose={stay} title="Sua sessão está terminando">
        <div className="stack">
          <p>Sem atividade, você sai em 2 minutos.</p>
          <Button variant="filled" onClick={stay}>
            Continuar conectado
          </Button>
        </div>
      </Modal>
      {factorAsked && (
        <Suspense fallback={null}>
          <FreshFactorDialog />
        </Suspense>
      )}
      <Modal
        opened={state === 'expired'}
        onClose={() => undefined}
        withCloseButton={false}
        closeOnEscape={false}
        closeOnClickOutside={false}
        title="Sua sessão terminou"
      >
        <p className="note">Entre de novo para continuar de onde parou.</p>
        <Suspense fallback={<Loading />}>
          <LoginForm email={session.me()?.email} />
        </Suspense>
      </Modal>
    </>
  );
}
