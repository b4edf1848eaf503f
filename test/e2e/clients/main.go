// A client as operators and helm are made: shared informers, discovery through a RESTMapper, a log. Prints what it saw as JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

type seen struct {
	Synced      bool              `json:"synced"`
	WatchErrors []string          `json:"watchErrors"`
	Counts      map[string]int    `json:"counts"`
	Selected    int               `json:"selected"`
	Paged       int               `json:"paged"`
	Mapped      map[string]string `json:"mapped"`
	Log         string            `json:"log"`
	Denied      string            `json:"denied"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Arguments: namespace, pod and container of the log.
func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	must(err)
	client := kubernetes.NewForConfigOrDie(config)
	custom := dynamic.NewForConfigOrDie(config)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	result := seen{Counts: map[string]int{}, Mapped: map[string]string{}, WatchErrors: []string{}}
	errors := make(chan string, 1000)

	mapper := restmapper.NewShortcutExpander(
		restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery())), client.Discovery(), nil)
	for _, name := range []string{"po", "deploy", "orders", "events", "clusterroles"} {
		found, err := mapper.ResourceFor(schema.GroupVersionResource{Resource: name})
		must(err)
		result.Mapped[name] = found.String()
	}
	mapping, err := mapper.RESTMapping(schema.GroupKind{Group: "example.com", Kind: "Order"})
	must(err)
	result.Mapped["Order"] = mapping.Resource.String() + " " + string(mapping.Scope.Name())

	typed := informers.NewSharedInformerFactory(client, 0)
	untyped := dynamicinformer.NewDynamicSharedInformerFactory(custom, 0)
	watched := map[string]cache.SharedIndexInformer{
		"pods":        typed.Core().V1().Pods().Informer(),
		"events":      typed.Core().V1().Events().Informer(),
		"deployments": typed.Apps().V1().Deployments().Informer(),
		"orders":      untyped.ForResource(mapping.Resource).Informer(),
	}
	for _, informer := range watched {
		must(informer.SetWatchErrorHandler(func(_ *cache.Reflector, err error) { errors <- err.Error() }))
	}
	typed.Start(ctx.Done())
	untyped.Start(ctx.Done())
	result.Synced = true
	for _, informer := range watched {
		result.Synced = cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) && result.Synced
	}
	// Watches are held open: whatever ends one would ask again within this time.
	time.Sleep(1500 * time.Millisecond)
	for name, informer := range watched {
		result.Counts[name] = len(informer.GetStore().ListKeys())
	}
	close(errors)
	for text := range errors {
		result.WatchErrors = append(result.WatchErrors, text)
	}

	selected, err := client.CoreV1().Pods("").List(ctx, metav1.ListOptions{FieldSelector: "status.phase=Running"})
	must(err)
	result.Selected = len(selected.Items)
	for token := ""; ; {
		page, err := client.RbacV1().ClusterRoles().List(ctx, metav1.ListOptions{Limit: 7, Continue: token})
		must(err)
		result.Paged += len(page.Items)
		if token = page.Continue; token == "" {
			break
		}
	}
	log, err := client.CoreV1().Pods(os.Args[1]).GetLogs(os.Args[2], &corev1.PodLogOptions{Container: os.Args[3]}).DoRaw(ctx)
	must(err)
	result.Log = string(log)
	if _, err = client.CoreV1().Secrets("").List(ctx, metav1.ListOptions{}); err != nil {
		result.Denied = err.Error()
	}
	must(json.NewEncoder(os.Stdout).Encode(result))
}
