import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { makeBundle, saveBundle } from '../../bundle/sample.ts'
import { type ServedBundle, serveBundle } from '../../serve/replay-server.ts'
import { KUBECONFIG } from '../cluster/cluster.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { freezeframe, makeFolder, openOnly } from '../run.ts'
import { ask, forget, type Shown } from './ask.ts'
import { normalise } from './normalise.ts'
import { createQuiet, QUIET, removeQuiet } from './quiet.ts'

let folder: Awaited<ReturnType<typeof makeFolder>>
let served: ServedBundle

beforeAll(async () => {
  await createQuiet()
  folder = await makeFolder()
  const { code, stdout, stderr } = await freezeframe(['capture', '--logs', 'all', '--config-data', '-o', folder.path])
  expect(code, stderr).toBe(0)
  served = await serveBundle(stdout.trim(), { tls: true })
})
afterAll(async () => {
  await served?.close()
  await folder?.remove()
  await removeQuiet()
  await forget()
})

/** Commands that must print the same from the cluster and from its replay: `-n replayed` holds objects of every kind that do not move. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  'get, as a table': [
    'get pods -n replayed',
    'get pods -n replayed -o wide',
    'get pods -A -l suite=replay',
    'get pods,svc -n replayed',
    'get deploy/web pod/finished -n replayed',
    'get all -n replayed',
    'get pods finished -n replayed --no-headers',
    'get cm,sa,role,rolebinding,endpoints,endpointslices,pdb,netpol,ingress,quota,pvc,cronjob,job,rs -n replayed -o wide',
    'get nodes',
    'get nodes -o wide',
    'get ns replayed shop kube-system',
    'get crd orders.example.com',
    'get orders -n shop',
    'get sc,pv,priorityclass,apiservices,csidrivers',
    'get pods -n replayed --show-labels',
    'get pods -n replayed -L app -L tier',
    'get pods -n replayed --show-kind',
    'get pods -n nowhere',
    'get leases -n kube-node-lease -o name',
    'get clusterroles -o name',
    'get --raw /api/v1/namespaces/replayed/configmaps/settings',
  ],
  'get, in other forms': [
    'get deploy web -n replayed -o yaml',
    'get deploy web -n replayed -o json --show-managed-fields',
    'get svc -n replayed -o yaml',
    'get cm settings -n replayed -o json',
    'get pods -n replayed -o name',
    'get pods -n replayed -o jsonpath=\'{range .items[*]}{.metadata.name}{" "}{.status.podIP}{"\\n"}{end}\'',
    'get pods -n replayed -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName,IMAGE:.spec.containers[*].image',
    "get deploy -n replayed -o go-template='{{range .items}}{{.metadata.name}} {{.spec.replicas}}{{end}}'",
    'get orders second -n shop -o yaml',
    'get pod finished -n replayed --subresource=status -o yaml',
  ],
  'get, chosen and ordered': [
    'get pods -n replayed --sort-by=.metadata.name',
    'get pods -n replayed --sort-by=.status.startTime -o name',
    'get pods -n replayed -l app=web',
    "get pods -n replayed -l 'tier!=back'",
    "get pods -n replayed -l 'tier in (front,back),app'",
    "get pods -n replayed -l 'tier notin (front),!job'",
    'get pods -n replayed --field-selector status.phase=Succeeded',
    'get pods -n replayed --field-selector spec.nodeName!=node1,status.phase!=Running',
    'get events -n replayed --field-selector involvedObject.kind=Job',
    'get pods -n replayed --chunk-size=2',
    'get clusterroles --chunk-size=7 -o name',
    'get clusterroles -l kubernetes.io/bootstrapping=rbac-defaults -o name --chunk-size=3',
    "get pods -n replayed -l 'tier in front'",
    'get pods -n replayed --field-selector spec.nothing=1',
    'get deploy -n replayed --field-selector metadata.name=web',
  ],
  describe: [
    'describe pod finished -n replayed',
    'describe pods -n replayed -l app=web',
    'describe deployment web -n replayed',
    'describe rs -n replayed',
    'describe job once -n replayed',
    'describe cronjob never -n replayed',
    'describe service web -n replayed',
    'describe endpoints web -n replayed',
    'describe endpointslices -n replayed',
    'describe cm settings -n replayed',
    'describe role,rolebinding reader -n replayed',
    'describe pdb,netpol,ingress,quota,pvc -n replayed',
    'describe ns replayed',
    'describe apiservice v1.apps',
    'describe order second -n shop',
    'describe clusterrole view',
    'describe pod nobody -n replayed',
  ],
  logs: [
    'logs finished -n replayed',
    'logs finished -n replayed -c setup',
    'logs second-restarts -n broken -c restarting --previous',
    'logs finished -n replayed --timestamps',
    'logs finished -n replayed --all-containers --prefix',
    'logs deploy/web -n replayed -c app --tail=2',
    'logs -l app=web -n replayed -c app --prefix --tail=-1',
    'logs -l job=once -n replayed --all-containers',
    'logs job/once -n replayed --since=24h',
    'logs job/once -n replayed --since=1ms',
    'logs finished -n replayed --limit-bytes=5',
    'logs finished -n replayed --since-time=2020-01-01T00:00:00Z',
    'logs finished -n replayed -f',
    'logs finished -n replayed -c nobody',
    'logs once -n replayed',
    'logs unschedulable -n broken',
  ],
  events: [
    'get events -n replayed',
    'get events -n replayed -o wide',
    'get events.v1.events.k8s.io -n replayed -o name',
    'events -n replayed',
    'events -n replayed --for pod/finished',
    'events -n replayed --for deployment/web --types=Warning',
    'events -n replayed --types=Normal --for job/once',
  ],
  'the API': [
    'api-resources',
    'api-resources --namespaced=false -o wide --sort-by=kind',
    'api-resources --api-group=apps --verbs=list,get',
    'api-versions',
    'version',
    'version -o json',
    'cluster-info',
    'explain pods',
    'explain deployment.spec.replicas',
    'explain order.spec',
    'explain cronjobs --api-version=batch/v1 --recursive',
    'explain pods.nothing',
    'get --raw /api',
    'get --raw /apis',
    'get --raw /apis/apps',
    'get --raw /apis/apps/v1',
    'get --raw /version',
    'get --raw /readyz',
    'get --raw /livez',
    'get --raw /openapi/v3/apis/batch/v1',
  ],
  rollouts: [
    'rollout history deployment/web -n replayed',
    'rollout history deployment/web -n replayed --revision=2',
    'rollout status deployment/web -n replayed',
  ],
  waiting: [
    'wait --for=condition=Available deployment/web -n replayed --timeout=10s',
    "wait --for=jsonpath='{.status.phase}'=Succeeded pod/finished -n replayed --timeout=10s",
    'wait --for=condition=Ready pod/finished -n replayed --timeout=1s',
    'wait --for=delete pod/nobody -n replayed --timeout=5s',
  ],
  'who asks': ['auth whoami', 'auth can-i list pods', 'auth can-i get pods --subresource=log -n shop'],
  mistakes: [
    'get podz',
    'get pod nobody -n replayed',
    'get deployment nobody -n replayed',
    'get orders nobody -n shop',
    'get things.example.org',
    'get pods -n replayed -l =',
    'get ns nowhere',
    'top pods -n replayed',
    'top nodes',
    'describe podz finished',
  ],
}

describe.each(Object.entries(SAME))('the same from the cluster and from its replay: %s', (_, commands) => {
  it.each(commands)('kubectl %s', async (command) => {
    const [live, replayed] = await Promise.all([ask(command, KUBECONFIG), ask(command, served.kubeconfig)])
    expect(normalise(inOrder(command, replayed))).toEqual(normalise(inOrder(command, live)))
  })
})

/** Several logs come in the order of a Go map: in another one each time. */
function inOrder(command: string, shown: Shown): Shown {
  if (!/^logs .*(?:-l |--all-containers)/.test(command)) return shown
  return { ...shown, stdout: shown.stdout.split('\n').sort().join('\n') }
}

describe('a watch', () => {
  it.each(['get pods -n replayed -w', 'get pods -n replayed -w -o name', 'get deploy web -n replayed --watch'])(
    'kubectl %s shows the state and stays',
    async (command) => {
      const [live, replayed] = await Promise.all(
        [KUBECONFIG, served.kubeconfig].map((kubeconfig) => ask(command, kubeconfig, { endAfter: 3000 })),
      )
      expect(live?.stdout).not.toBe('')
      expect(normalise(replayed as never).stdout).toEqual(normalise(live as never).stdout)
    },
  )
})

describe('what a replay cannot do, it says', () => {
  const READ_ONLY = /read-only replay of a bundle: test as captured at \d{4}-/
  it.each([
    ['create ns another', READ_ONLY],
    ['create configmap more -n replayed', READ_ONLY],
    ['delete pod finished -n replayed --wait=false', READ_ONLY],
    ['delete pods --all -n replayed --wait=false', READ_ONLY],
    ['scale deployment web -n replayed --replicas=5', READ_ONLY],
    ['label pod finished -n replayed a=b', READ_ONLY],
    ['annotate ns replayed a=b', READ_ONLY],
    ['drain node1 --ignore-daemonsets --force --delete-emptydir-data', READ_ONLY],
    ['rollout restart deployment/web -n replayed', READ_ONLY],
    ['rollout undo deployment/web -n replayed', READ_ONLY],
    ['set image deployment/web app=other -n replayed', READ_ONLY],
    ['run another --image=busybox -n replayed', READ_ONLY],
    ['patch deployment web -n replayed -p {"spec":{"replicas":0}}', READ_ONLY],
    ['debug node/node1 --image=busybox', READ_ONLY],
    ['exec deploy/web -n replayed -- true', READ_ONLY],
    ['attach deploy/web -n replayed', READ_ONLY],
    ['port-forward pod/finished 0:80 -n replayed', /pod is not running|read-only replay/],
    ['port-forward svc/web 0:80 -n replayed', READ_ONLY],
    ['cp replayed/finished:/etc/hosts /dev/null', /cannot exec|read-only replay|completed pod/],
    ['create token default -n replayed', READ_ONLY],
    ['get --raw /api/v1/nodes/node1/proxy/metrics', READ_ONLY],
  ])('kubectl %s', async (command, message) => {
    const { code, stdout, stderr } = await ask(command, served.kubeconfig, { endAfter: 10_000 })
    expect({ code, stderr }).toEqual({ code: expect.any(Number), stderr: expect.stringMatching(message) })
    expect(code, stdout).not.toBe(0)
  })

  it.each([
    [
      'get orders.v1beta1.example.com -n shop',
      /not in this bundle: .*captured as example\.com\/v1, in no other version/,
    ],
    ['get --raw /nothing/here', /not in this bundle: \/nothing\/here/],
    ['get --raw /apis/nothing.example/v1', /not in this bundle: \/apis\/nothing\.example\/v1/],
    ['logs finished -n replayed --previous', /previous terminated container "app" in pod "finished" not found/],
  ])('kubectl %s', async (command, message) => {
    const { code, stdout, stderr } = await ask(command, served.kubeconfig)
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(message) })
  })

  it.each(['get secrets -A', 'get secret any -n replayed', 'describe secrets -n replayed'])(
    'kubectl %s: they are not in this bundle, and were never asked for',
    async (command) => {
      const { code, stdout, stderr } = await ask(command, served.kubeconfig)
      expect(stderr).toMatch(/not in this bundle: secrets.*never asked for/)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    },
  )

  it('kubectl describe sa looks for Secrets and takes no for none: the same is printed, below a warning', async () => {
    const command = 'describe sa reader -n replayed'
    const [live, replayed] = await Promise.all([ask(command, KUBECONFIG), ask(command, served.kubeconfig)])
    expect(normalise({ ...replayed, stderr: '' })).toEqual(normalise(live))
    expect(replayed.stderr).toMatch(/^Warning: not in this bundle: secrets in namespace replayed: .*never asked for/)
  })

  it('kubectl get pods without a token is refused', async () => {
    const { code, stderr } = await ask('get pods --token=wrong', served.kubeconfig)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/Unauthorized|must be logged in/) })
  })
})

describe('a capture by somebody who may read little', () => {
  let reader: string
  let little: ServedBundle
  beforeAll(async () => {
    reader = join(folder.path, '..', `reader-${process.pid}.kubeconfig`)
    const token = (await kubectl(['create', 'token', 'reader', '-n', QUIET])).trim()
    const config = JSON.parse(await readFile(KUBECONFIG, 'utf8')) as object
    await writeFile(reader, JSON.stringify({ ...config, users: [{ name: 'admin', user: { token } }] }))
    const output = join(folder.path, '..', `reader-${process.pid}.tar.gz`)
    const { code, stderr } = await freezeframe(['capture', '-n', QUIET, '-o', output, '--force'], {
      kubeconfig: reader,
    })
    expect(code, stderr).toBe(1)
    little = await serveBundle(output, { tls: true })
    await rm(output)
  })
  afterAll(async () => {
    await little?.close()
    await rm(reader, { force: true })
  })

  it.each([
    'get pods -n replayed',
    'get pods -n replayed -o wide -l app=web',
    'logs finished -n replayed -c setup',
    'auth whoami',
    'auth can-i list pods -n replayed',
    'auth can-i get pods --subresource=log -n replayed',
    'auth can-i list nodes -A',
    'auth can-i --list -n replayed',
  ])('kubectl %s: the same from the cluster and from its replay', async (command) => {
    const [live, replayed] = await Promise.all([ask(command, reader), ask(command, little.kubeconfig)])
    expect(normalise(replayed)).toEqual(normalise(live))
  })

  it.each(['get nodes', 'get cm -n replayed', 'get orders -n replayed', 'describe job once -n replayed'])(
    'kubectl %s: what was denied is denied again, in the words of the server',
    async (command) => {
      const [live, replayed] = await Promise.all([ask(command, reader), ask(command, little.kubeconfig)])
      const said = /\b\S+ is forbidden: User "\S+" cannot list resource "\w+"/.exec(replayed.stderr)?.[0]
      expect({ code: replayed.code, said }).toEqual({ code: live.code, said: expect.any(String) })
      expect(replayed.stderr).toContain('not in this bundle')
    },
  )

  it.each(['get pods -A', 'get pods -n shop'])('kubectl %s: what was not asked for is said', async (command) => {
    const { stderr } = await ask(command, little.kubeconfig)
    expect(stderr).toMatch(/only the namespaces replayed were captured|not in this bundle: pods in namespace shop/)
  })
})

describe('a capture of pods and nothing else', () => {
  let only: ServedBundle
  beforeAll(async () => {
    const output = join(folder.path, '..', `only-${process.pid}.tar.gz`)
    const { code, stderr } = await freezeframe(['capture', '--only', 'pods', '-o', output, '--force'])
    expect(code, stderr).toBe(0)
    only = await serveBundle(output, { tls: true })
    await rm(output)
  })
  afterAll(() => only?.close())

  it('kubectl describe pod warns above `Events: <none>` that they were never asked for', async () => {
    const { code, stdout, stderr } = await ask('describe pod finished -n replayed', only.kubeconfig)
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/Events: +<none>/) })
    expect(stderr).toMatch(/^Warning: not in this bundle: events in namespace replayed: /)
  })
})

describe('a bundle of a capture that was killed', () => {
  it('is served as far as it goes: kubectl warns of what may be missing, and says what is', async () => {
    const bundle = await openOnly(folder.path)
    const files: [string, Buffer][] = []
    for (const path of bundle.files.keys())
      if (/^cluster\/(?:discovery|core\/v1\/pods)\/|^cluster\/version/.test(path))
        files.push([path, await bundle.read(path)])
    await bundle.close()
    const killed = await serveBundle(
      await saveBundle(await makeBundle(files, { finish: false }), 'killed.partial.tar.gz'),
      {
        tls: true,
      },
    )
    onTestFinished(killed.close)
    const pods = await ask('get pods -n replayed', killed.kubeconfig)
    expect(pods).toMatchObject({ code: 0, stdout: expect.stringContaining('finished') })
    expect(pods.stderr).toMatch(/^Warning: this list is not complete: the bundle is not whole: /)
    const nodes = await ask('get nodes', killed.kubeconfig)
    expect(nodes).toMatchObject({ code: 1, stdout: '' })
    expect(nodes.stderr).toMatch(/not in this bundle: nodes: the bundle is not whole: /)
  })
})

it('what was captured while all this was asked is still there', async () => {
  const bundle = await openOnly(folder.path)
  expect(bundle.truncated).toBeUndefined()
  await bundle.close()
})
