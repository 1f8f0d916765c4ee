import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Navigate, Outlet } from '@tanstack/react-router';

import { ErrorBanner, Loading } from '../parts/states';
import { eventSearch, invoiceSearch, listSearch } from './search';
import { Shell } from './shell';

// Every page is a chunk of its own. What can be filtered stands in the address, so that
// back, forward and a copied address show the same.

const root = createRootRoute({ component: Outlet, notFoundComponent: () => <Navigate to="/app" replace /> });
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });

const login = createRoute({
  getParentRoute: () => root,
  path: '/app/entrar',
  validateSearch: (s: Record<string, unknown>): { para?: string } => (typeof s.para === 'string' ? { para: s.para } : {}),
  component: lazyRouteComponent(() => import('../pages/login')),
});

const home = createRoute({ getParentRoute: () => shell, path: '/app', component: lazyRouteComponent(() => import('../pages/home')) });
const webhooks = createRoute({ getParentRoute: () => shell, path: '/app/configuracoes/webhooks', component: lazyRouteComponent(() => import('../pages/webhooks')) });
const asaas = createRoute({ getParentRoute: () => shell, path: '/app/configuracoes/webhooks/asaas', component: lazyRouteComponent(() => import('../pages/integration')) });
const health = createRoute({ getParentRoute: () => shell, path: '/app/configuracoes/webhooks/asaas/saude', component: lazyRouteComponent(() => import('../pages/health')) });
const events = createRoute({ getParentRoute: () => shell, path: '/app/eventos', validateSearch: eventSearch, component: lazyRouteComponent(() => import('../pages/events')) });
const event = createRoute({ getParentRoute: () => shell, path: '/app/eventos/$id', component: lazyRouteComponent(() => import('../pages/event')) });
const invoices = createRoute({ getParentRoute: () => shell, path: '/app/faturas', validateSearch: invoiceSearch, component: lazyRouteComponent(() => import('../pages/invoices')) });
const invoice = createRoute({ getParentRoute: () => shell, path: '/app/faturas/$id', component: lazyRouteComponent(() => import('../pages/invoice')) });
const checkouts = createRoute({ getParentRoute: () => shell, path: '/app/checkouts', validateSearch: listSearch, component: lazyRouteComponent(() => import('../pages/checkouts')) });
const checkout = createRoute({ getParentRoute: () => shell, path: '/app/checkouts/$id', component: lazyRouteComponent(() => import('../pages/checkout')) });
const anticipations = createRoute({ getParentRoute: () => shell, path: '/app/antecipacoes', validateSearch: listSearch, component: lazyRouteComponent(() => import('../pages/anticipations')) });
const ledger = createRoute({ getParentRoute: () => shell, path: '/app/extrato', validateSearch: listSearch, component: lazyRouteComponent(() => import('../pages/ledger')) });

const pages = [home, webhooks, asaas, health, events, event, invoices, invoice, checkouts, checkout, anticipations, ledger];

export const router = createRouter({
  routeTree: root.addChildren([login, shell.addChildren(pages)]),
  defaultPendingComponent: () => <Loading />,
  defaultErrorComponent: ({ error, reset }) => <ErrorBanner error={error} retry={reset} />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
