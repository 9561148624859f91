internal import JSON
internal import Platform

/// Finds connectors, and runs each of their operations in a process of its own.
package actor ConnectorHost {
    private let executor = ThreadExecutor(name: "connectors")
    private let configuration: ConnectorHostConfiguration
    private var folder: PluginsFolder

    /// Files are read on a thread of its own, never on Swift's pool.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    package init(_ configuration: ConnectorHostConfiguration) {
        self.configuration = configuration
        folder = PluginsFolder(
            path: configuration.pluginsFolder,
            areUnsignedAllowed: configuration.areUnsignedPluginsAllowed
        )
    }

    /// What lies in the plug-in folder now; none of it is run.
    package func catalog() throws(ConnectorError) -> Catalog {
        try folder.catalog()
    }

    /// The connector with this id; an unknown one is an error that names the nearest.
    package func connector(_ id: String) throws(ConnectorError) -> InstalledConnector {
        let catalog = try folder.catalog()
        if let connector = catalog.connectors.first(where: { $0.id == id }) { return connector }
        let known = catalog.connectors.map(\.id)
        let meant = nearest(to: id, in: known).map { " Did you mean \($0)?" } ?? ""
        let list = known.isEmpty ? "None is installed" : "Installed are \(known.joined(separator: ", "))"
        let refused =
            switch catalog.refused.count {
            case 0: ""
            case 1: " 1 file there is refused: trainflow plugins list says why."
            default: " \(catalog.refused.count) files there are refused: trainflow plugins list says why."
            }
        throw ConnectorError(
            .notFound,
            code: "unknown_provider",
            message: "There is no connector \(id) in \(configuration.pluginsFolder).\(meant) \(list).\(refused)"
        )
    }
}
