// Command pulumi-resource-docker drives the Terraform provider behind Pulumi's Docker provider, for places where the
// official plugin cannot be downloaded. Its resource tokens are those of the SDK pulumi-docker 5.2.0, so that the SDK
// does not see a difference. docker.Image and docker.Provider's own extras are not bridged resources and are absent.
//
// The module is named below github.com/terraform-providers/terraform-provider-docker since that provider keeps its
// package under internal/.
package main

import (
	"unicode"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	docker "github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// version is that of the SDK whose tokens these are.
const version = "5.2.0"

// autoNameLength and autoNameSeparator are the official provider's.
const (
	autoNameLength    = 255
	autoNameSeparator = "-"
)

var resources = map[string]string{
	"docker_buildx_builder": "BuildxBuilder",
	"docker_config":         "ServiceConfig",
	"docker_container":      "Container",
	"docker_image":          "RemoteImage",
	"docker_network":        "Network",
	"docker_plugin":         "Plugin",
	"docker_registry_image": "RegistryImage",
	"docker_secret":         "Secret",
	"docker_service":        "Service",
	"docker_tag":            "Tag",
	"docker_volume":         "Volume",
}

var functions = map[string]string{
	"docker_image":                    "getRemoteImage",
	"docker_logs":                     "getLogs",
	"docker_network":                  "getNetwork",
	"docker_plugin":                   "getPlugin",
	"docker_registry_image":           "getRegistryImage",
	"docker_registry_image_manifests": "getRegistryImageManifests",
}

func module(name string) string {
	runes := []rune(name)
	runes[0] = unicode.ToLower(runes[0])
	return "docker:index/" + string(runes) + ":" + name
}

func providerInfo() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:           shim.NewProvider(docker.New(version)()),
		Name:        "docker",
		Version:     version,
		Resources:   map[string]*tfbridge.ResourceInfo{},
		DataSources: map[string]*tfbridge.DataSourceInfo{},
		// The SDK's name for it; the bridge would make a plural.
		Config: map[string]*tfbridge.SchemaInfo{"registry_auth": {Name: "registryAuth"}},
	}
	for terraform, name := range resources {
		info.Resources[terraform] = &tfbridge.ResourceInfo{Tok: tokens.Type(module(name))}
	}
	for terraform, name := range functions {
		info.DataSources[terraform] = &tfbridge.DataSourceInfo{Tok: tokens.ModuleMember(module(name))}
	}
	info.SetAutonaming(autoNameLength, autoNameSeparator)
	return info
}

func main() {
	tfbridge.Main("docker", version, providerInfo(), []byte("{}"))
}
