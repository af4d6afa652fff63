//! Every URL of the service, on one screen. What answers them stands in `api` and `site`.

use axum::http::{Method, header};
use axum::routing::get;
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::trace::TraceLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::{
    addresses, encapsulate, framing, health, http, missing, names, openapi, packets, problems, runs, scenarios,
};
use crate::problem::{self, Problem};
use crate::site;
use crate::state::AppState;

/// The JSON API with its description.
pub fn api() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(health::show))
        .routes(routes!(scenarios::list))
        .routes(routes!(scenarios::show))
        .routes(routes!(scenarios::check))
        .routes(routes!(runs::create))
        .routes(routes!(runs::show))
        .routes(routes!(runs::pcapng))
        .routes(routes!(http::parse))
        .routes(routes!(encapsulate::answer))
        .routes(routes!(http::exchange))
        .routes(routes!(framing::decode))
        .routes(routes!(framing::encode))
        .routes(routes!(packets::dissect))
        .routes(routes!(framing::compare))
        .routes(routes!(addresses::show))
        .routes(routes!(addresses::aton))
        .routes(routes!(addresses::ntoa))
        .routes(routes!(addresses::byte_order))
        .routes(routes!(names::services))
        .routes(routes!(names::ports))
        .routes(routes!(names::hosts))
        .routes(routes!(names::myself))
        .routes(routes!(problems::list))
        .routes(routes!(problems::show))
        .routes(routes!(openapi::document))
}

/// The whole service: the API, its reference page, and the site for everything else.
pub fn app(state: AppState) -> Router {
    let (api, _) = api().split_for_parts();
    let api = api
        .route("/api/v1/{*rest}", axum::routing::any(missing::route))
        .method_not_allowed_fallback(missing::method)
        // Any website may use the element, so any website may ask the API; there are no credentials.
        .layer(
            CorsLayer::new()
                .allow_origin(Any)
                .allow_methods([Method::GET, Method::HEAD, Method::POST])
                .allow_headers([header::CONTENT_TYPE, header::ACCEPT, header::ACCEPT_LANGUAGE])
                .expose_headers([header::CONTENT_LOCATION, header::CONTENT_DISPOSITION, header::RETRY_AFTER]),
        );
    let reference = Router::new()
        .route("/api", get(openapi::page))
        .route("/api/ui/{*file}", get(openapi::file))
        .route("/api/{*rest}", axum::routing::any(missing::route))
        .method_not_allowed_fallback(missing::method);
    Router::new()
        .merge(api)
        .merge(reference)
        .fallback(site::serve)
        .layer(CatchPanicLayer::custom(|_| axum::response::IntoResponse::into_response(Problem::internal("panic"))))
        .layer(middleware::from_fn(problem::render))
        .layer(middleware::from_fn(site::protect))
        .layer(TraceLayer::new_for_http())
        .with_state(state)
}
