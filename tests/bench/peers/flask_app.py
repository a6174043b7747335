# SPDX-License-Identifier: ISC
"""The Flask peer of make bench, on Postern's tables, as the manuals of its extensions would have it. A reading answer
takes one statement, and the ROLLBACK that SQLAlchemy ends a session with; its pool would send another one."""
import hashlib
import html
import json
import os
import pathlib
import re
from datetime import datetime, timedelta

from flask import Flask, jsonify, render_template, request
from flask_bcrypt import Bcrypt
from flask_jwt_extended import JWTManager, create_access_token, get_jwt, get_jwt_identity, jwt_required
from flask_sqlalchemy import SQLAlchemy
from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.orm import joinedload

settings = json.loads(pathlib.Path(os.environ["BENCH_SETTINGS"]).read_text())
app = Flask(__name__)
app.json.sort_keys = False
app.config.update(
    SQLALCHEMY_DATABASE_URI="mysql+mysqldb://{user}:{password}@localhost/postern?unix_socket={socket}&charset=utf8mb4".format(
        **settings), SQLALCHEMY_ENGINE_OPTIONS={"isolation_level": "READ COMMITTED", "pool_reset_on_return": None},
    JWT_ALGORITHM="ES256", JWT_PUBLIC_KEY=settings["public"], JWT_PRIVATE_KEY=settings["private"],
    JWT_ENCODE_ISSUER=settings["url"], JWT_DECODE_ISSUER=settings["url"], JWT_ACCESS_TOKEN_EXPIRES=timedelta(days=7))
db, bcrypt, jwt = SQLAlchemy(app), Bcrypt(app), JWTManager(app)


class User(db.Model):
    __tablename__ = "users"
    id = db.Column(db.BigInteger, primary_key=True)
    username = db.Column(db.Text)
    bio = db.Column(db.Text)
    image = db.Column(db.Text)
    locked = db.Column(db.Boolean)
    address = db.relationship("Address", uselist=False)
    credential = db.relationship("Credential", uselist=False)


class Address(db.Model):
    __tablename__ = "addresses"
    user_id = db.Column(db.ForeignKey("users.id"), primary_key=True)
    email = db.Column(db.Text)
    email_key = db.Column(db.Text)


class Credential(db.Model):
    __tablename__ = "credentials"
    user_id = db.Column(db.ForeignKey("users.id"), primary_key=True)
    hash = db.Column(db.Text)


class Session(db.Model):
    __tablename__ = "sessions"
    id = db.Column(db.BigInteger, primary_key=True)
    user_id = db.Column(db.BigInteger)
    created_at = db.Column(db.DateTime)
    authenticated_at = db.Column(db.DateTime)
    last_seen_at = db.Column(db.DateTime)
    expires_at = db.Column(db.DateTime)


class Article(db.Model):
    __tablename__ = "articles"
    id = db.Column(db.BigInteger, primary_key=True)
    slug = db.Column(db.Text)
    author_id = db.Column(db.ForeignKey("users.id"))
    title = db.Column(db.Text)
    description = db.Column(db.Text)
    tag_lines = db.Column(db.Text)
    favorites_count = db.Column(db.Integer, default=0)
    created_at = db.Column(db.DateTime)
    updated_at = db.Column(db.DateTime)
    author = db.relationship("User")
    text = db.relationship("Text", uselist=False)

    @property
    def tags(self):
        return self.tag_lines.split("\n") if self.tag_lines else []


class Text(db.Model):
    __tablename__ = "article_bodies"
    article_id = db.Column(db.ForeignKey("articles.id"), primary_key=True)
    body = db.Column(db.Text)
    html = db.Column(db.Text)
    renderer = db.Column(db.Text)


class Tag(db.Model):
    __tablename__ = "tags"
    id = db.Column(db.BigInteger, primary_key=True)
    name = db.Column(db.Text)
    articles_count = db.Column(db.Integer)
    used_at = db.Column(db.DateTime)


def table(name, *columns):
    return db.Table(name, *(db.Column(column) for column in columns))


favorites = table("favorites", "user_id", "article_created_at", "article_id")
follows = table("follows", "follower_id", "followed_id")
article_tags = table("article_tags", "tag_id", "article_created_at", "article_id")
writers = table("writers", "user_id", "articles_count", "last_at", "last_id")
totals = table("totals", "name", "n")


class Stamp(fields.Field):
    def _serialize(self, value, attr, obj, **kwargs):
        return value.isoformat(timespec="milliseconds") + "Z"


class AuthorSchema(Schema):
    username = fields.String()
    bio = fields.String()
    image = fields.String()
    following = fields.Boolean()


class ArticleSchema(Schema):
    slug = fields.String(dump_only=True)
    title = fields.String(required=True, validate=validate.Length(1, 120))
    description = fields.String(required=True, validate=validate.Length(1, 250))
    tagList = fields.List(fields.String(), attribute="tags", load_default=list)
    createdAt = Stamp(attribute="created_at", dump_only=True)
    updatedAt = Stamp(attribute="updated_at", dump_only=True)
    favorited = fields.Boolean(dump_only=True)
    favoritesCount = fields.Integer(attribute="favorites_count", dump_only=True)
    author = fields.Nested(AuthorSchema, dump_only=True)
    body = fields.String(required=True, attribute="text.body", validate=validate.Length(1, 60000))


class UserSchema(Schema):
    email = fields.String(attribute="address.email")
    username = fields.String()
    bio = fields.String()
    image = fields.String()


article_schema, list_schema, user_schema = ArticleSchema(), ArticleSchema(many=True, exclude=["body"]), UserSchema()


@jwt.invalid_token_loader
def invalid_token(_):
    return jsonify(errors={"token": ["is invalid"]}), 401


@app.errorhandler(ValidationError)
def invalid(error):
    return jsonify(errors=error.messages), 422


@app.errorhandler(404)
def missing(_):
    return jsonify(errors={"article": ["not found"]}), 404


def for_reader(me):
    """Articles with their authors, whether `me` likes the one and follows the other, and how many there are."""
    return (select(Article, favorites.c.user_id, follows.c.follower_id,
                   select(totals.c.n).where(totals.c.name == "articles").scalar_subquery())
            .prefix_with("STRAIGHT_JOIN")       # from the articles on, or a million are sorted
            .options(joinedload(Article.author, innerjoin=True))
            .outerjoin(favorites, and_(favorites.c.user_id == me, favorites.c.article_id == Article.id,
                                       favorites.c.article_created_at == Article.created_at))
            .outerjoin(follows, and_(follows.c.follower_id == me, follows.c.followed_id == Article.author_id)))


def seen(article, favorited, following):
    article.favorited, article.author.following = favorited is not None, following is not None
    return article


def newest(limit):
    rows = db.session.execute(for_reader(0).order_by(Article.created_at.desc(), Article.id.desc()).limit(limit)).all()
    return [seen(*row[:3]) for row in rows], rows[0][3] if rows else 0


@app.get("/gate")
@jwt_required()
def gate():
    return "", 200, {"X-User": get_jwt()["username"]}


@app.get("/api/user")
@jwt_required()
def show_user():
    user = db.session.scalar(select(User).options(joinedload(User.address, innerjoin=True))
                             .where(User.id == int(get_jwt_identity()), ~User.locked))
    if user is None:
        return jsonify(errors={"token": ["has been revoked"]}), 401
    return {"user": {**user_schema.dump(user), "token": request.headers["Authorization"].split()[1]}}


@app.post("/api/users/login")
def login():
    sent = request.get_json()["user"]
    user = db.session.scalar(
        select(User).join(User.address).options(joinedload(User.address, innerjoin=True))
        .options(joinedload(User.credential, innerjoin=True))
        .where(Address.email_key == sent["email"].lower(), ~User.locked))
    if user is None or not bcrypt.check_password_hash(user.credential.hash, sent["password"]):
        return jsonify(errors={"credentials": ["invalid"]}), 401
    now = datetime.utcnow()
    answer, me, name = user_schema.dump(user), user.id, user.username
    session = Session(user_id=me, created_at=now, authenticated_at=now, last_seen_at=now, expires_at=now + timedelta(days=7))
    db.session.add(session)
    db.session.flush()
    claims = {"username": name, "role": "member", "groups": [], "sid": str(session.id)}
    db.session.commit()
    return {"user": {**answer, "token": create_access_token(
        str(me), fresh=True, additional_claims=claims, additional_headers={"kid": settings["kid"], "typ": "at+jwt"})}}


@app.get("/api/articles")
def show_articles():
    articles, count = newest(request.args.get("limit", 20, int))
    return {"articles": list_schema.dump(articles), "articlesCount": count}


@app.get("/api/articles/<slug>")
def show_article(slug):
    row = db.session.execute(for_reader(0).options(joinedload(Article.text, innerjoin=True))
                             .where(Article.slug == slug)).first()
    return {"article": article_schema.dump(seen(*row[:3]))} if row else missing(None)


def set_tags(article):
    """Count each, and find the article by them."""
    new = insert(Tag).values([{"name": name, "articles_count": 1, "used_at": article.created_at} for name in article.tags])
    db.session.execute(new.on_duplicate_key_update(articles_count=Tag.articles_count + 1, used_at=new.inserted.used_at))
    found = select(Tag.id, bindparam("at", article.created_at), bindparam("id", article.id)).where(Tag.name.in_(article.tags))
    db.session.execute(insert(article_tags).from_select(list(article_tags.c), found))


@app.post("/api/articles")
@jwt_required()
def add_article():
    sent = article_schema.load(request.get_json()["article"])
    now = datetime.utcnow()
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    author = db.session.get(User, int(get_jwt_identity()))
    body = sent["text"]["body"]
    article = Article(slug=re.sub(r"[^a-z0-9]+", "-", sent["title"].lower()).strip("-"), author=author, title=sent["title"],
                      description=sent["description"], tag_lines="\n".join(sorted(set(sent["tags"]))), created_at=now,
                      updated_at=now, text=Text(body=body, html=f"<p>{html.escape(body)}</p>\n", renderer="none"))
    db.session.add(article)
    db.session.flush()
    if article.tags:
        set_tags(article)
    new = insert(writers).values(user_id=author.id, articles_count=1, last_at=now, last_id=article.id)
    db.session.execute(new.on_duplicate_key_update(articles_count=writers.c.articles_count + 1,
                                                   last_at=new.inserted.last_at, last_id=new.inserted.last_id))
    db.session.execute(update(totals).where(totals.c.name == "articles").values(n=totals.c.n + 1))
    answer = article_schema.dump(seen(article, None, None))
    db.session.commit()
    return {"article": answer}, 201


@app.post("/api/files")
@jwt_required()
def upload():
    file = request.files["inputFile"]
    path = pathlib.Path(settings["uploads"]) / os.urandom(8).hex()
    file.save(path)
    with path.open("rb") as stored:
        digest = hashlib.file_digest(stored, "sha256").hexdigest()
    return {"file": {"name": file.filename, "size": path.stat().st_size, "sha256": digest}}, 201


@app.get("/")
def home():
    articles, count = newest(10)
    popular = db.session.scalars(select(Tag.name).order_by(Tag.used_at.desc(), Tag.id.desc()).limit(20)).all()
    pages = -(-count // 10)
    return render_template("home.html", head=settings["head"], foot=settings["foot"], articles=articles,
                           popular=popular, pages=pages, shown=[*range(1, min(pages, 3) + 1), *[pages][:pages > 3]])
