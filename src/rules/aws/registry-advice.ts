import type { Action, Advice } from '../rule.ts'

/** Who runs a registry: by what its images are pulled there, and what keeps it from being reached. */
interface Provider {
  readonly hosts: RegExp
  readonly login: Action
  readonly fix: string
  readonly route: string
}

const PROVIDERS: readonly Provider[] = [
  {
    // docs.aws.amazon.com, "Using Amazon ECR images with Amazon EKS".
    hosts: /\.dkr[.-]ecr(?:-fips)?\.[\w.-]+$|^public\.ecr\.aws$/,
    login: {
      says: 'Give the role of the nodes AmazonEC2ContainerRegistryPullOnly back; a repository of another account has to allow this one in its policy.',
      command: 'aws ecr get-repository-policy --repository-name REPOSITORY',
      changes: false,
    },
    fix: 'Attach the policy to the role of every group of nodes where it is made, and name accounts that pull in the policy of the repository.',
    route: 'In private subnets make the endpoints ecr.api, ecr.dkr and S3.',
  },
  {
    // learn.microsoft.com, "Authenticate with Azure Container Registry from AKS".
    hosts: /\.azurecr\.(?:io|cn|us)$/,
    login: {
      says: 'Give the kubelet identity of the cluster the role AcrPull on the registry.',
      command: 'az aks update --name CLUSTER --resource-group GROUP --attach-acr REGISTRY',
      changes: true,
    },
    fix: 'Keep the role assignment AcrPull with the definition of the cluster: a new cluster or identity does not have it.',
    route:
      'Let the nodes through the firewall of the registry, or give it a private endpoint and its private DNS zone.',
  },
  {
    // cloud.google.com, "Deploying to Google Kubernetes Engine" of Artifact Registry.
    hosts: /(?:^|[.-])(?:gcr\.io|pkg\.dev)$/,
    login: {
      says: 'Let the service account of the nodes read the repository; node pools also need the access scope cloud-platform or devstorage.read_only.',
      command:
        'gcloud projects add-iam-policy-binding PROJECT --member=serviceAccount:ACCOUNT --role=roles/artifactregistry.reader',
      changes: true,
    },
    fix: 'Run nodes with a service account of their own that has roles/artifactregistry.reader in the project of the images.',
    route: 'Turn on Private Google Access for the subnet of the nodes, or give them Cloud NAT.',
  },
  {
    // docs.github.com, "Working with the Container registry".
    hosts: /^ghcr\.io$/,
    login: secretFor('a token that has read:packages for the package', 'ghcr.io'),
    fix: 'Renew the token before it expires, or make the package public.',
    route: 'Let the nodes reach ghcr.io and pkg-containers.githubusercontent.com.',
  },
  {
    // docs.quay.io, "Robot accounts".
    hosts: /^quay\.io$/,
    login: secretFor('a robot account that may read the repository', 'quay.io'),
    fix: 'Pull with a robot account, not with that of a person, and give it each new repository.',
    route: 'Let the nodes reach quay.io and its CDN (cdn.quay.io, cdn01 to cdn06.quay.io).',
  },
  {
    // docs.docker.com, "Access tokens" and "Allowlist for Docker products".
    hosts: /^(?:[\w-]+\.)?docker\.io$/,
    login: secretFor('an access token of an account that may read the repository', 'https://index.docker.io/v1/'),
    fix: 'Pull with an access token that is only for reading, and keep it in the pull secret of each service account.',
    route: 'Let the nodes reach registry-1.docker.io, auth.docker.io and production.cloudflare.docker.com.',
  },
]

function secretFor(whose: string, server: string): Action {
  return {
    says: `Make the pull secret that the pods name anew, with ${whose}.`,
    command: `kubectl create secret docker-registry NAME -n {namespace} --docker-server=${server} --docker-username=… --docker-password=…`,
    changes: true,
  }
}

const OTHER: Omit<Provider, 'hosts'> = {
  login: {
    says: 'Make the pull secret that the pods name, with a login that may read the repository.',
    command:
      'kubectl create secret docker-registry NAME -n {namespace} --docker-server=… --docker-username=… --docker-password=…',
    changes: true,
  },
  fix: 'Give each namespace its pull secret by the service account.',
  route: 'Let the nodes reach the registry: its name, its port, and its certificate.',
}

/** What helps to know whichever registry it is. */
export const LOOK: Action = {
  says: 'See which registry and which secret.',
  command: 'kubectl describe pods -n {namespace}',
  changes: false,
}

/** What keeps running what runs, whichever registry it is. */
export const KEEP: Action = {
  says: 'Keep the nodes that have the image: stop replacing them until it can be pulled.',
  changes: true,
}

/** What to do where a registry refuses a pull: each has logins of its own. */
export function adviseLogin(registry: string): Advice {
  const { login, fix } = providerOf(registry)
  return { mitigate: [LOOK, login, KEEP], fix: [fix] }
}

/** What to do where a registry is not reached. */
export function adviseRoute(registry: string): Advice {
  const ask: Action = {
    says: `See from a node whether ${registry} resolves, answers and shows a certificate that is trusted: curl -v https://${registry}/v2/.`,
    changes: false,
  }
  return { mitigate: [ask, KEEP], fix: [providerOf(registry).route] }
}

function providerOf(registry: string): Omit<Provider, 'hosts'> {
  return PROVIDERS.find(({ hosts }) => hosts.test(registry.replace(/:\d+$/, ''))) ?? OTHER
}
