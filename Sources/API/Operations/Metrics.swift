package import HTTPServer
internal import Synchronization

/// Numbers about this process for Prometheus, in its text format 0.0.4. No tenant is told apart in them.
package final class Metrics: Sendable {
    package typealias Labels = [(name: String, value: String)]

    private struct State {
        var requests: [Route: RouteNumbers] = [:]
        var counters: [String: Counter] = [:]
        var gauges: [Gauge] = []
    }

    private struct Route: Hashable {
        var method: String
        var pattern: String
    }

    private struct RouteNumbers {
        /// By the status's first digit, 0 for requests that nobody waited for.
        var classes: [Int64] = Array(repeating: 0, count: 6)
        /// One for each bound, and one above all.
        var buckets = [Int64](repeating: 0, count: Metrics.bounds.count + 1)
        var seconds = 0.0
    }

    private struct Counter {
        var help: String
        var values: [String: Int64] = [:]
    }

    private struct Gauge: Sendable {
        var name: String
        var help: String
        var kind: String
        var read: @Sendable () async -> [(labels: Labels, value: Double)]
    }

    private static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private let state = Mutex(State())

    package init() {}

    // MARK: - What is told

    /// Counts an answered request. Methods are the client's words: unknown ones are one.
    package func record(_ access: AccessRecord) {
        let method = Self.methods.contains(access.method.name) ? access.method.name : "other"
        let route = Route(method: method, pattern: access.route)
        let seconds = access.duration / .seconds(1)
        state.withLock { state in
            state.requests[route, default: RouteNumbers()].classes[access.status / 100] += 1
            let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
            state.requests[route, default: RouteNumbers()].buckets[bucket] += 1
            state.requests[route, default: RouteNumbers()].seconds += seconds
        }
    }

    /// Counts something up: `trainflow_runs_total` by `state`. Labels take a handful of values, never ids.
    package func count(_ name: String, _ help: String, _ labels: Labels = [], by amount: Int64 = 1) {
        let labels = Self.text(labels)
        state.withLock { $0.counters[name, default: Counter(help: help)].values[labels, default: 0] += amount }
    }

    /// Asks for a number at each reading.
    package func gauge(
        _ name: String,
        _ help: String,
        kind: String = "gauge",
        read: @escaping @Sendable () async -> [(labels: Labels, value: Double)]
    ) {
        state.withLock { $0.gauges.append(Gauge(name: name, help: help, kind: kind, read: read)) }
    }

    // MARK: - What is read

    package func text() async -> String {
        let (requests, counters, gauges) = state.withLock { ($0.requests, $0.counters, $0.gauges) }
        var text = Self.text(requests)
        for (name, counter) in counters.sorted(by: { $0.key < $1.key }) {
            text += Self.head(name, counter.help, "counter")
            for (labels, value) in counter.values.sorted(by: { $0.key < $1.key }) {
                text += "\(name)\(labels) \(value)\n"
            }
        }
        for gauge in gauges {
            text += Self.head(gauge.name, gauge.help, gauge.kind)
            for (labels, value) in await gauge.read() { text += "\(gauge.name)\(Self.text(labels)) \(value)\n" }
        }
        return text
    }

    private static func text(_ requests: [Route: RouteNumbers]) -> String {
        let sorted = requests.sorted { ($0.key.pattern, $0.key.method) < ($1.key.pattern, $1.key.method) }
        let total = "trainflow_http_requests_total"
        var text = head(total, "Requests by route and class of status; 0xx: the client left.", "counter")
        for (route, numbers) in sorted {
            for (digit, count) in numbers.classes.enumerated() where count > 0 {
                text += "\(total)\(label(route, [("class", "\(digit)xx")])) \(count)\n"
            }
        }
        let seconds = "trainflow_http_request_seconds"
        text += head(seconds, "Time from a request's head to its last byte.", "histogram")
        for (route, numbers) in sorted {
            var sum: Int64 = 0
            for (bound, count) in zip(bounds.map { "\($0)" } + ["+Inf"], numbers.buckets) {
                sum += count
                text += "\(seconds)_bucket\(label(route, [("le", bound)])) \(sum)\n"
            }
            text += "\(seconds)_sum\(label(route)) \(numbers.seconds)\n\(seconds)_count\(label(route)) \(sum)\n"
        }
        return text
    }

    private static func label(_ route: Route, _ more: Labels = []) -> String {
        text([("method", route.method), ("route", route.pattern)] + more)
    }

    private static func head(_ name: String, _ help: String, _ kind: String) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    private static func text(_ labels: Labels) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
