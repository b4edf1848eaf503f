import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { TarArchive } from 'archiver'

/** Debian's busybox-static puts it here; a merged /usr has both. */
const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find(existsSync) ?? '/bin/busybox'

/** The image that every workload runs. */
export const BUSYBOX_IMAGE = 'docker.io/library/busybox:1.36'

/** The image that containerd holds a pod's namespaces with; its name is containerd's default. */
export const PAUSE_IMAGE = 'registry.k8s.io/pause:3.8'

/** An image that can be written: its name, what it starts, its environment, and programs beside busybox by their path. */
export interface Image {
  readonly name: string
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly programs?: Readonly<Record<string, string | Buffer>>
}

/** Writes both images as OCI archives: nothing can be pulled here. */
export async function writeImages(busybox: string, pause: string): Promise<void> {
  await writeImage(busybox, { name: BUSYBOX_IMAGE, command: ['/bin/sh'] })
  await writeImage(pause, {
    name: PAUSE_IMAGE,
    command: ['/bin/sh', '-c', 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait; done'],
  })
}

/** Writes an image of busybox and a few programs as an OCI archive that `ctr images import` reads. */
export async function writeImage(path: string, { name, command, env = {}, programs = {} }: Image): Promise<void> {
  const layers = [await tar((archive) => addRoot(archive)), await tar((archive) => addPrograms(archive, programs))]
  const config = json({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Cmd: command, Env: Object.entries({ PATH: '/bin', ...env }).map((pair) => pair.join('=')) },
    rootfs: { type: 'layers', diff_ids: layers.map(digest) },
  })
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...describe(config) },
    layers: layers.map((layer) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...describe(layer) })),
  })
  const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name }
  const index = json({
    schemaVersion: 2,
    manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', ...describe(manifest), annotations }],
  })
  const archive = await tar((archive) => {
    archive.append(json({ imageLayoutVersion: '1.0.0' }), { name: 'oci-layout' })
    archive.append(index, { name: 'index.json' })
    for (const blob of [...layers, config, manifest])
      archive.append(blob, { name: `blobs/sha256/${digest(blob).slice(7)}` })
  })
  await writeFile(path, archive)
}

/** busybox under the name of each of its commands. */
function addRoot(archive: TarArchive): void {
  const applets = execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean)
  archive.append(readFileSync(BUSYBOX), { name: 'bin/busybox', mode: 0o755 })
  archive.append('root:x:0:0::/:/bin/sh\n', { name: 'etc/passwd', mode: 0o644 })
  archive.append('', { name: 'tmp/.keep', mode: 0o644 })
  for (const applet of applets) if (applet !== 'busybox') archive.symlink(`bin/${applet}`, 'busybox', 0o777)
}

function addPrograms(archive: TarArchive, programs: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(programs)) archive.append(content, { name: path, mode: 0o755 })
}

async function tar(fill: (archive: TarArchive) => void): Promise<Buffer> {
  const archive = new TarArchive()
  const chunks: Buffer[] = []
  archive.on('data', (chunk: Buffer) => chunks.push(chunk))
  fill(archive)
  await archive.finalize()
  return Buffer.concat(chunks)
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function describe(blob: Buffer): { digest: string; size: number } {
  return { digest: digest(blob), size: blob.length }
}

function digest(blob: Buffer): string {
  return `sha256:${createHash('sha256').update(blob).digest('hex')}`
}
