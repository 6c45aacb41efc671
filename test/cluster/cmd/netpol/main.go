// The NetworkPolicy controller of kube-router, alone: it turns every policy
// into iptables rules and ipsets on this node. The bridge plugin enforces none
// by itself. Routing and services stay with the bridge and kube-proxy.
package main

import (
	"context"
	"flag"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/cloudnativelabs/kube-router/v2/pkg/controllers/netpol"
	"github.com/cloudnativelabs/kube-router/v2/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/v2/pkg/options"
	"github.com/cloudnativelabs/kube-router/v2/pkg/utils"
	"github.com/coreos/go-iptables/iptables"
	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "file with the API server's address and credentials")
	node := flag.String("hostname-override", "", "name of this node in the cluster")
	serviceRange := flag.String("service-cluster-ip-range", "", "CIDR of the ClusterIP Services")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, *kubeconfig, *node, *serviceRange); err != nil {
		klog.Exit(err)
	}
}

func run(ctx context.Context, kubeconfig, node, serviceRange string) error {
	restConfig, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(restConfig)
	if err != nil {
		return err
	}
	rules, err := iptables.NewWithProtocol(iptables.ProtocolIPv4)
	if err != nil {
		return err
	}
	sets, err := utils.NewIPSet(false)
	if err != nil {
		return err
	}
	config := options.NewKubeRouterConfig()
	config.HostnameOverride = node
	config.ClusterIPCIDRs = []string{serviceRange}
	config.EnableIPv4 = true
	config.EnableIPv6 = false
	config.RunFirewall = true
	config.IPTablesSyncPeriod = time.Minute

	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods().Informer()
	policies := factory.Networking().V1().NetworkPolicies().Informer()
	namespaces := factory.Core().V1().Namespaces().Informer()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())

	controller, err := netpol.NewNetworkPolicyController(client, config, pods, policies, namespaces, &sync.Mutex{},
		map[v1.IPFamily]utils.IPTablesHandler{v1.IPv4Protocol: rules},
		map[v1.IPFamily]utils.IPSetHandler{v1.IPv4Protocol: sets})
	if err != nil {
		return err
	}
	for informer, handler := range map[string]func() error{
		"pods":            func() error { _, err := pods.AddEventHandler(controller.PodEventHandler); return err },
		"networkpolicies": func() error { _, err := policies.AddEventHandler(controller.NetworkPolicyEventHandler); return err },
		"namespaces":      func() error { _, err := namespaces.AddEventHandler(controller.NamespaceEventHandler); return err },
	} {
		if err := handler(); err != nil {
			klog.Errorf("watching %s: %v", informer, err)
			return err
		}
	}

	// The controller reports a heartbeat after every sync and would block on a channel that nobody reads.
	heartbeats := make(chan *healthcheck.ControllerHeartbeat, 10)
	go func() {
		for range heartbeats {
		}
	}()
	var running sync.WaitGroup
	running.Add(1)
	controller.Run(heartbeats, ctx.Done(), &running)
	running.Wait()
	return nil
}
