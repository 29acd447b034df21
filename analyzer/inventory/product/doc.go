// Package product recognises the AI software that a container runs, and the
// ports through which that software is managed.
//
// In go the containers of a workload ([NewProcess]) and the labels of its pods;
// out come a [Product] and its [Management] ports, with whether the product
// asks their callers who they are. [NewCatalogue] builds the table once for each
// tree, [Catalogue.Recognise] asks it. A new product is one entry of the table
// (table.go, table_apps.go) with the page that its marks were read on.
//
// The package knows neither workloads nor Services, and judges nothing.
package product
