"""A FastAPI app as a function app: every path and method is FastAPI's."""

import azure.functions as func
from fastapi import FastAPI
from pydantic import BaseModel

web = FastAPI(title="Prices")


class Order(BaseModel):
    article: str
    count: int


@web.get("/prices/{article}")
async def price(article: str) -> dict[str, str | int]:
    return {"article": article, "price": len(article)}


@web.post("/orders", status_code=201)
async def order(wanted: Order) -> dict[str, int]:
    return {"total": len(wanted.article) * wanted.count}


app = func.AsgiFunctionApp(app=web, http_auth_level=func.AuthLevel.ANONYMOUS)
