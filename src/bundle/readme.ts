/** README.txt, the first entry of every bundle: for whoever finds one and has never heard of the tool. */
export const README = `This is a freezeframe bundle: the evidence of a Kubernetes cluster at one moment, captured before
auto-heal replaced the nodes and restarted the pods it is about.

  manifest.json   what was asked, what came, what was denied or missing (the ledger), the hash of
                  every file; read it first. Absence of a file is not health: the ledger says why.
  cluster/        the API server's objects: raw list pages, and discovery as it was answered
  changes/        what was created, changed or deleted while the capture ran
  logs/           container logs, current and previous; a marked gap where bytes are left out
  nodes/          what kubelets, the CNI and kube-proxy of nodes count and log
  components/     what name servers and controllers count
  apiserver/      health, metrics and flow control of the API server
  run/            the plan, the ledger as it grew, who asked and what they might read

Literals that may be secret are replaced by <redacted:RULE:PSEUDONYM>; equal values have equal
pseudonyms. Secrets are never asked for.

Open it with any tar:     tar tzf THIS.tar.gz
Check it:                 freezeframe verify THIS.tar.gz
`
