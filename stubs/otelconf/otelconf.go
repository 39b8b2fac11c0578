// Package otelconf stands in for go.opentelemetry.io/contrib/otelconf, which
// makes OpenTelemetry exporters from a configuration file and brings all of them:
// 90 packages. The SDK calls it only if OTEL_CONFIG_FILE, or otel.yaml in the
// home of a node that its own command starts, names one; minga has no such
// command. This package has the names that the SDK compiles against, and refuses
// every configuration. The node's figures are served to Prometheus as before.
// docs/decisions.md says more.
package otelconf

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

var errRefused = errors.New(
	"this program has no OpenTelemetry exporters: unset OTEL_CONFIG_FILE; workers and gateways serve figures at /metrics",
)

// OpenTelemetryConfiguration would be a configuration file.
type OpenTelemetryConfiguration struct{}

// ParseYAML refuses.
func ParseYAML([]byte) (*OpenTelemetryConfiguration, error) { return nil, errRefused }

// ConfigurationOption would be an option of NewSDK.
type ConfigurationOption struct{}

// WithOpenTelemetryConfiguration would give NewSDK a configuration.
func WithOpenTelemetryConfiguration(OpenTelemetryConfiguration) ConfigurationOption {
	return ConfigurationOption{}
}

// SDK would be the providers that a configuration describes. Nobody gets one.
type SDK struct{}

// NewSDK refuses.
func NewSDK(...ConfigurationOption) (SDK, error) { return SDK{}, errRefused }

// TracerProvider would give the traces' provider.
func (*SDK) TracerProvider() trace.TracerProvider { return nil }

// MeterProvider would give the metrics' provider.
func (*SDK) MeterProvider() metric.MeterProvider { return nil }

// LoggerProvider would give the logs' provider.
func (*SDK) LoggerProvider() log.LoggerProvider { return nil }

// Shutdown ends nothing.
func (*SDK) Shutdown(context.Context) error { return nil }
