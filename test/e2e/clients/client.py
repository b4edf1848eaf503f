"""A client as scripts are written: lists, pages, a watch that times out, custom objects, a log. Prints what it saw as JSON.

Arguments: kubeconfig; namespace, pod and container of the log.
"""

import json
import sys

from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException

kubeconfig, namespace, pod, container = sys.argv[1:]
config.load_kube_config(kubeconfig)
core = client.CoreV1Api()
apps = client.AppsV1Api()
custom = client.CustomObjectsApi()

seen = {
    "pods": len(core.list_pod_for_all_namespaces().items),
    "nodes": [node.metadata.name for node in core.list_node().items],
    "deployments": len(apps.list_deployment_for_all_namespaces().items),
    "running": len(core.list_pod_for_all_namespaces(field_selector="status.phase=Running").items),
    "orders": len(custom.list_cluster_custom_object("example.com", "v1", "orders")["items"]),
    "version": client.VersionApi().get_code().git_version,
}

paged, token = 0, None
while True:
    page = core.list_pod_for_all_namespaces(limit=3, _continue=token)
    paged += len(page.items)
    token = page.metadata._continue
    if not token:
        break
seen["paged"] = paged

events = list(watch.Watch().stream(core.list_pod_for_all_namespaces, timeout_seconds=2))
left = {}
for event in events:
    metadata = event["object"].metadata
    left[metadata.namespace, metadata.name] = event["type"] != "DELETED"
seen["watched"] = sum(left.values())
seen["errors"] = sum(event["type"] == "ERROR" for event in events)
seen["log"] = core.read_namespaced_pod_log(pod, namespace, container=container)
try:
    core.list_secret_for_all_namespaces()
except ApiException as refused:
    seen["secrets"] = json.loads(refused.body)["message"]
try:
    core.delete_namespaced_pod(pod, namespace)
except ApiException as refused:
    seen["deleted"] = refused.status

print(json.dumps(seen))
