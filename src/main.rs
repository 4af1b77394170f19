//! Starts the page.

fn main() {
    waybill::app::start();
}
